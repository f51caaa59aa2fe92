"""Who may sign in and as what: users, roles, invitations."""
