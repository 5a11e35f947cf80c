"""Where the bytes of attachments lie: in a folder, or in the database."""
