#include "tests/sim/trace.h"

#include <cstdio>

#include "proto/crypto.h"

namespace chibo::sim {

void Trace::Note(Tick now, std::string_view line) {
  Bytes time;
  AppendU64(time, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  hash_ = Sha256({hash_.view(), time, line});
  ++lines_;
  if (print_) {
    std::printf("%12lld  %.*s\n", static_cast<long long>(now.time_since_epoch().count()),
                static_cast<int>(line.size()), line.data());
  }
}

}  // namespace chibo::sim
