"""The paths of the service, a module a noun."""
