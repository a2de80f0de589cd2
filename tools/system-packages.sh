#!/bin/sh
# Install Debian packages that are missing: tools/system-packages.sh PACKAGE... Asks nothing; says what it does.
set -eu
missing=
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root=sudo
else
    echo "These Debian packages are missing and I am not root:$missing. Install them: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing" >&2
install() {
    # shellcheck disable=SC2086  # a list of words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
}
install 2>/dev/null || { $as_root apt-get update -q >/dev/null && install; }
