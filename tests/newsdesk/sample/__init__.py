"""Tests of the sample world and of what it leaves in the desk."""
