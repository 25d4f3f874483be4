#!/usr/bin/env bash
# Makes a bare Debian or Ubuntu machine ready: a new enough Python, .venv with the pinned packages, the libraries
# that PDFs need and, for tests, a browser. Asks nothing, edits nothing by hand, and is quick when all is there.
#   usage: bash bin/lib/bootstrap.sh run|test
# Installs system packages only as root or with a password-free sudo; otherwise it names what is missing and goes on.
set -euo pipefail

purpose="${1:-run}"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
mkdir -p var

say()  { printf '%s\n' "$*" >&2; }
fail() { say ""; say "✗ $1"; say "✗ $2"; exit 1; }   # Chinese first, then English

# One bootstrap at a time in a checkout: bin/run and bin/test may be started together.
exec 9>var/bootstrap.lock
flock 9

# ---------------------------------------------------------------------------------------------- system packages
as_root() {
    if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
    else sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; fi
}
may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }
installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

apt_fresh=""
apt_install() {   # true when every named package is there afterwards
    local name bad=0
    may_install || return 1
    if [ -z "$apt_fresh" ]; then as_root apt-get update -qq >>var/apt.log 2>&1 || true; apt_fresh=1; fi
    as_root apt-get install -y -qq --no-install-recommends "$@" >>var/apt.log 2>&1 && return 0
    # One unknown name makes apt refuse all of them: then one by one.
    for name in "$@"; do
        as_root apt-get install -y -qq --no-install-recommends "$name" >>var/apt.log 2>&1 || bad=1
    done
    return $bad
}

system_packages() {
    local wanted=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-hanazono fonts-babelstone-han) missing=() name
    if [ "$purpose" = test ]; then wanted+=(pgbouncer poppler-utils gettext); fi
    command -v dpkg-query >/dev/null || {
        say "提示:这不是 Debian/Ubuntu,请自行安装 Pango 1.44 以上和 Noto CJK 字体。"
        say "Note: not Debian/Ubuntu; please install Pango >= 1.44 and the Noto CJK fonts yourself."
        return 0
    }
    for name in "${wanted[@]}"; do installed "$name" || missing+=("$name"); done
    if [ "$purpose" = test ] && ! browser >/dev/null; then missing+=(chromium-headless-shell); fi
    [ ${#missing[@]} -gt 0 ] || return 0
    # What this machine's archive does not have is not asked for again at every start.
    if [ "$(cat var/apt.tried 2>/dev/null)" != "${missing[*]}" ] && may_install; then
        say "安装系统软件包 / installing system packages: ${missing[*]}"
        apt_install "${missing[@]}" && return 0
        printf '%s\n' "${missing[*]}" >var/apt.tried
    fi
    local still=()
    for name in "${missing[@]}"; do installed "$name" || still+=("$name"); done
    [ ${#still[@]} -gt 0 ] || return 0
    say "提示:这些系统软件包没有装上:${still[*]}。缺少它们时 PDF 或中文字体可能不完整,其余功能照常。"
    say "      请管理员执行:apt-get install --no-install-recommends ${still[*]}"
    say "Note: these system packages are missing: ${still[*]}. PDFs or Chinese fonts may suffer, all else works."
    say "      Ask an administrator to run: apt-get install --no-install-recommends ${still[*]}"
}

browser() {   # the path of a Chromium that is no snap wrapper
    local name path
    for name in chromium-headless-shell chromium google-chrome google-chrome-stable chromium-browser; do
        path="$(command -v "$name" 2>/dev/null)" || continue
        case "$(readlink -f "$path")" in */snap*) continue ;; esac
        grep -qs 'snap install' "$path" && continue
        printf '%s\n' "$path"
        return 0
    done
    return 1
}

lighter_browser() {   # beside Debian's whole browser its shell, which draws the same pages with a quarter less work; tried once
    installed chromium && ! installed chromium-headless-shell && [ ! -e var/shell.tried ] && may_install || return 0
    touch var/shell.tried
    apt_install chromium-headless-shell || say "chromium-headless-shell 没有装上,改用 chromium / is not there, chromium serves"
}

# ---------------------------------------------------------------------------------------------- Python
new_enough() {   # it runs, is Python 3.$2 and can make virtual environments (a pyenv shim may exist and not run)
    "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, $2))" >/dev/null 2>&1
}

find_python() {
    local candidate minor
    # 3.13 is what the packages are resolved for; 3.12 is the floor, 3.14 the last resort.
    for minor in 13 12 14; do
        # The distribution's first: it is built with profiles, and does the same in a fifth less of the processor.
        for candidate in "/usr/bin/python3.$minor" "python3.$minor" "$HOME/.pyenv/versions/3.$minor".*/bin/python3 \
            "$HOME/.local/share/uv/python/cpython-3.$minor"*/bin/python3 "/opt/python/3.$minor"*/bin/python3 \
            python3 /usr/local/bin/python3 /usr/bin/python3; do
            candidate="$(command -v "$candidate" 2>/dev/null)" || continue
            if new_enough "$candidate" "$minor"; then
                # The real interpreter: a shim would look for its version again from another folder.
                "$candidate" -c 'import sys; print(sys.executable)'
                return 0
            fi
        done
    done
    return 1
}

find_uv() {
    if command -v uv >/dev/null; then command -v uv; return 0; fi
    [ -x var/tool/bin/uv ] && { printf '%s\n' "$root/var/tool/bin/uv"; return 0; }
    command -v python3 >/dev/null || apt_install python3 || return 1
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then apt_install python3-venv || return 1; fi
    python3 -m venv var/tool >>var/bootstrap.log 2>&1 || return 1
    var/tool/bin/python -m pip install -q --disable-pip-version-check uv >>var/bootstrap.log 2>&1 || return 1
    printf '%s\n' "$root/var/tool/bin/uv"
}

obtain_python() {
    local uv found name
    find_python && return 0
    # Newer distributions carry one: Ubuntu 24.04 has 3.12, Debian 13 has 3.13.
    if may_install; then
        say "没有找到 Python 3.12 以上,尝试安装 / no Python >= 3.12 yet, trying to install one"
        for name in python3.13 python3.12; do
            apt_install "$name" "$name-venv" && find_python && return 0
        done
    fi
    if uv="$(find_uv)"; then
        "$uv" python find '>=3.12' 2>/dev/null && return 0
        say "正在取得 Python 3.13 / fetching Python 3.13"
        if "$uv" python install 3.13 >>var/bootstrap.log 2>&1; then "$uv" python find 3.13; return 0; fi
    fi
    return 1
}

virtual_environment() {
    local python
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        return 0
    fi
    python="$(obtain_python)" || fail \
        "没有 Python 3.12 以上,也没能自动装上。请安装 python3.13(或 python3.12)和对应的 venv 包后再运行一次。细节见 var/bootstrap.log。" \
        "No Python >= 3.12 here, and none could be fetched. Install python3.13 (or python3.12) with its venv package, then run this again. Details: var/bootstrap.log"
    say "建立 Python 环境 / creating .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv >>var/bootstrap.log 2>&1 || fail \
        "无法建立 .venv(磁盘已满或没有写权限?)。细节见 var/bootstrap.log。" \
        "Could not create .venv (disk full, or no write permission?). Details: var/bootstrap.log"
}

fingerprint() { sha256sum "$1" | cut -d' ' -f1; }
stamped() { [ "$(cat ".venv/.installed-$1" 2>/dev/null)" = "$(fingerprint "$1.txt")" ]; }

python_packages() {
    local list=requirements uv
    # The development list is resolved on top of the running one, so it serves both.
    stamped requirements-dev && return 0
    if [ "$purpose" = test ]; then list=requirements-dev; fi
    stamped "$list" && return 0
    say "安装 Python 软件包,第一次约需一两分钟 / installing Python packages, a minute or two the first time"
    if uv="$(command -v uv)"; then
        "$uv" pip install -q --compile-bytecode --python .venv/bin/python --no-deps --require-hashes -r "$list.txt" >>var/bootstrap.log 2>&1 || packages_failed
    else
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >>var/bootstrap.log 2>&1
        .venv/bin/python -m pip install -q --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary :all: \
            -r "$list.txt" >>var/bootstrap.log 2>&1 || packages_failed
    fi
    fingerprint "$list.txt" >".venv/.installed-$list"
}
packages_failed() {
    tail -n 5 var/bootstrap.log >&2
    fail "Python 软件包没有装上:请检查网络或软件包镜像(PIP_INDEX_URL),再运行一次;已下载的会保留。细节见 var/bootstrap.log。" \
        "The Python packages could not be installed: check the network or the package mirror (PIP_INDEX_URL) and run this again. Details: var/bootstrap.log"
}

# ---------------------------------------------------------------------------------------------- in order
: >var/bootstrap.log
system_packages
[ "$purpose" != test ] || lighter_browser
virtual_environment
python_packages
.venv/bin/python bin/lib/catalogues.py
if [ "$purpose" = test ] && ! browser >/dev/null; then
    # Ubuntu's chromium is a snap; the driver's own build serves as well.
    .venv/bin/python -m playwright install --with-deps chromium >>var/bootstrap.log 2>&1 || {
        say "提示:没有可用的 Chromium,浏览器测试会失败。请安装 chromium。"
        say "Note: no usable Chromium; browser tests will fail. Please install chromium."
    }
fi
