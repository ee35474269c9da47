"""The walls in the database: roles, row security and guards, put up by one command and looked at by the doctor."""
