# shellcheck shell=bash
# Sourced by demo, check and bench: afterwards .venv/ holds the locked packages and a browser is found.
# A second call changes nothing and takes a second or two.

started=$(date +%s)

# A line on standard error with the seconds since the start.
say() { printf '[%3d s] %s\n' "$(($(date +%s) - started))" "$*" >&2; }

# Ends the script with a message saying what to do.
give_up() {
    printf 'kiemcong set-up: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

# True when the named system packages are installed. The package lists are fetched once, and only when something is missing.
apt_install() {
    command -v apt-get >/dev/null || return 1
    if [ -z "${apt_lists_fresh:-}" ]; then
        say "system packages: fetching lists"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 || say "apt-get update failed; going on with the lists there are"
        apt_lists_fresh=yes
    fi
    say "system packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1
}

# The last lines of what failed.
log_tail() { tail -n 14 "$log" 2>/dev/null; }

# Prints the first Python of version 3.11 or later that runs.
find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# venv needs ensurepip, which Debian and Ubuntu package apart.
python_makes_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

setup_python() {
    local python version
    python=$(find_python) || { apt_install python3 python3-venv && python=$(find_python); } ||
        give_up "Python 3.11 or later is needed and was not found. On Debian 12 or Ubuntu 24.04: sudo apt-get install python3 python3-venv"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! python_makes_venvs "$python"; then
        apt_install "python$version-venv" || apt_install python3-venv || true
        python_makes_venvs "$python" ||
            give_up "$python cannot make virtual environments. Run: sudo apt-get install python$version-venv" "$(log_tail)"
    fi
    say "new environment .venv with Python $version"
    rm -rf .venv
    "$python" -m venv .venv >"$log" 2>&1 || give_up "could not make .venv:" "$(log_tail)"
}

# What the environment was made from: where it stands, its Python, the lock and the project's own metadata.
environment_digest() {
    { pwd -P && .venv/bin/python -c 'import sys; print(sys.version)' && cat requirements.lock pyproject.toml; } | sha256sum
}

setup_packages() {
    if [ ! -x .venv/bin/pip ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        ! head -n 3 .venv/bin/pip | grep -qF "$(pwd -P)/.venv/"; then
        setup_python
    fi
    if [ "$(environment_digest)" = "$(cat .venv/made-from 2>/dev/null)" ]; then
        return
    fi
    say "packages of requirements.lock"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-input --no-deps -r requirements.lock >"$log" 2>&1 ||
        give_up "could not install requirements.lock (is the network there?):" "$(log_tail)"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . >"$log" 2>&1 ||
        give_up "could not install the project itself:" "$(log_tail)"
    environment_digest >.venv/made-from
}

# Prints the path of a browser kiemcong can use.
find_browser() {
    .venv/bin/python -c 'from crawler.browser import find_browser; print(find_browser())' 2>/dev/null
}

# Playwright's own node wants a library that a bare system lacks, whichever browser it drives.
driver_runs() { ! ldd .venv/lib/python*/site-packages/playwright/driver/node 2>/dev/null | grep -q "not found"; }

setup_browser() {
    local system
    driver_runs || apt_install libatomic1 || true
    driver_runs || give_up "Playwright cannot run here. Run: sudo apt-get install libatomic1" "$(log_tail)"
    browser=$(find_browser) && return
    # shellcheck source=/dev/null
    system=$(. /etc/os-release 2>/dev/null && echo "${ID:-}")
    # Ubuntu's chromium is a snap, which neither runs in a container nor lets itself be driven: there, Playwright's own.
    if [ "$system" != debian ] || ! apt_install chromium fonts-dejavu-core fonts-noto-core; then
        apt_install fonts-dejavu-core fonts-noto-core || true
        say "browser: Playwright's Chromium"
        .venv/bin/playwright install --with-deps chromium >"$log" 2>&1 || true
    fi
    browser=$(find_browser) || give_up "no browser was found, and none could be installed. Debian: sudo apt-get install chromium." \
        "Elsewhere: sudo .venv/bin/playwright install --with-deps chromium, which needs the network." \
        "One that is there already can be named in KIEMCONG_BROWSER." "$(log_tail)"
}

log=$(mktemp)
setup_packages
setup_browser
rm -f "$log"
say "ready: $(.venv/bin/python --version), browser $browser"
