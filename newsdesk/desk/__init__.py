"""The house's own pages and what surrounds every page: shell, health, help, errors."""
