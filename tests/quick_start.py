"""Make pytest start two seconds earlier; pyproject.toml names this plugin, so it comes first.

nbval imports nbformat, and that jsonschema, which would check internationalized addresses with
rfc3987_syntax, a package that builds 38 parsers when it is imported. No notebook holds such an
address to be checked, and jsonschema does without where the package is missing.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
