# Sets PYTHON to an interpreter that is young enough and can make virtual environments.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH
fits='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'
is_new='import sys; sys.exit(sys.version_info < (3, 11))'
chosen=
without_venv=
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    if "$candidate" -c "$fits" >/dev/null 2>&1; then
        chosen=$candidate
        break
    elif "$candidate" -c "$is_new" >/dev/null 2>&1; then
        without_venv=$candidate
    fi
done
if [ -z "$chosen" ] && [ -n "$without_venv" ]; then
    echo "relata: $without_venv cannot make virtual environments; install that part (apt-get install python3-venv), or set PYTHON to another one." >&2
    exit 1
fi
if [ -z "$chosen" ]; then
    echo "relata: Python 3.11 or newer is needed and was not found; install it (apt-get install python3 python3-venv), or set PYTHON to one." >&2
    exit 1
fi
PYTHON=$chosen
