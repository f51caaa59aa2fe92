"""The house: settings, front doors, accounts, the desk that composes both rooms, embedded services."""
