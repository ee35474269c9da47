"""What is said to PostgreSQL: migrations, named statements, and the loader that reads them."""
