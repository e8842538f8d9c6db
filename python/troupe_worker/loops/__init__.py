"""The loops: how calls of the server become calls of the model's hooks."""
