"""Says of each config in a folder whether the JSON Schema takes it.

usage: schema_agreement.py SCHEMA FOLDER
"""

import json
import pathlib
import sys

import jsonschema

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
validator = jsonschema.Draft202012Validator
validator.check_schema(schema)
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
    valid = validator(schema).is_valid(json.loads(path.read_text()))
    print(path.stem, "accept" if valid else "reject")
