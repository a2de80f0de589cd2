"""What the report page shows, made ready for its templates: problems, the source with places marked, the tables as read."""
