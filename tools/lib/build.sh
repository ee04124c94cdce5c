# Building with one call. Sourced by tools/test, tools/demo and tools/bench:
#
#   . "$root/tools/lib/build.sh"
#   build_chibo "$root" release "$root/build" chibo chibo-verify    # no target: all of them
#
# The presets (CMakePresets.json) say how; this says where and what, and shows progress.

# As many compilers as cores, but not more than memory carries: the biggest files take about 1 GB each.
build_jobs() {
  local cores memory_kb by_memory
  cores=$(nproc)
  memory_kb=$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)
  by_memory=$((memory_kb / 1200000))
  if [ "$by_memory" -lt 1 ]; then by_memory=1; fi
  if [ "$by_memory" -lt "$cores" ]; then echo "$by_memory"; else echo "$cores"; fi
}

# phase TEXT: a heading with the time since the script started.
phase() {
  printf '\n== [%dm%02ds] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"
}

# build_chibo ROOT PRESET DIR [TARGET...]: returns not 0 when it does not build.
build_chibo() {
  local root=$1 preset=$2 dir=$3 log
  shift 3
  mkdir -p "$dir" || return 1
  log="$dir/configure.log"
  if ! (cd "$root" && cmake --preset "$preset" -B "$dir") >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    return 1
  fi
  NINJA_STATUS='[%f/%t, %es] ' cmake --build "$dir" -j "$(build_jobs)" ${1:+--target "$@"} </dev/null
}
