# The Debian packages chibo needs, and how they get onto the machine. Sourced by tools/test, tools/demo and
# tools/bench:
#
#   . "$root/tools/lib/packages.sh"
#   ensure_packages build test
#
# Nothing comes from anywhere but the machine's own apt sources.

# What it takes to compile and link everything, the tests included (CMake looks for GoogleTest).
packages_build="cmake ninja-build g++ pkg-config ccache python3 protobuf-compiler
  libprotobuf-dev libsodium-dev libsqlite3-dev libexpected-dev libzstd-dev libasio-dev libcli11-dev
  nlohmann-json3-dev libicu-dev libgtest-dev"
# What the tests run beside our own programs.
packages_test="git zstd golang-go golang-golang-x-mod-dev faketime strace"
# What builds and runs with sanitizers take: tools/test --asan, tests/fuzz/run.
packages_clang="clang libclang-rt-14-dev llvm"
# What only the gate of .ci/run uses.
packages_ci="clang-format clang-tidy"

# missing_packages NAME...: prints those of the named packages that are not installed, on one line.
missing_packages() {
  local name missing=""
  for name in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
      missing="$missing $name"
    fi
  done
  echo "${missing# }"
}

# install_packages PREFIX NAME...: PREFIX is empty for root, "sudo -n" otherwise.
install_packages() {
  local prefix=$1
  shift
  echo "Installing from Debian's packages: $*"
  # Old package lists may still do: whether the installation works is what counts.
  $prefix apt-get update -qq </dev/null || echo "apt-get update did not work; going on with the lists at hand."
  $prefix env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

# ensure_packages SET...: installs what is missing of the sets build, test, clang, ci, without questions. Without root
# and without sudo that asks nothing it prints the one line to run, and ends the script with 6 (environment).
ensure_packages() {
  local set wanted="" missing
  for set in "$@"; do
    case $set in
      build) wanted="$wanted $packages_build" ;;
      test) wanted="$wanted $packages_test" ;;
      clang) wanted="$wanted $packages_clang" ;;
      ci) wanted="$wanted $packages_ci" ;;
      *)
        echo "ensure_packages: no such set: $set" >&2
        exit 1
        ;;
    esac
  done
  if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system: going on as if these were installed:" $wanted
    return 0
  fi
  missing=$(missing_packages $wanted)
  if [ -z "$missing" ]; then
    return 0
  fi
  if [ "$(id -u)" = 0 ]; then
    install_packages "" $missing || packages_failed
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    install_packages "sudo -n" $missing || packages_failed
  else
    {
      echo "Some Debian packages are missing, and this user may not install them. Have root run this line, then"
      echo "start again:"
      echo
      echo "apt-get update && apt-get install -y --no-install-recommends $missing"
    } >&2
    exit 6
  fi
}

packages_failed() {
  echo "The packages could not be installed: what apt-get said stands above." >&2
  exit 6
}
