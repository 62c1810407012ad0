"""Who and where: divisions, organisations, centres and sites; people, their consents and rights, offices and logins."""
