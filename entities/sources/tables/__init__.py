"""Importers of tables that a user has as files: lists of listed companies, registers, office-holders, own lists."""
