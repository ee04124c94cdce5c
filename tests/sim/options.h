#ifndef CHIBO_TESTS_SIM_OPTIONS_H_
#define CHIBO_TESTS_SIM_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace chibo::sim {

// What may go wrong in a run. Each has its own workload file or place in the machine or line.
#define CHIBO_SIM_FAULTS(X)                                                              \
  X(kCut, "cut")            /* a connection ends at any byte; both ends hear of it */    \
  X(kHalfOpen, "half-open") /* it ends, and one end is not told */                       \
  X(kFlip, "flip")          /* a bit changes on the way */                               \
  X(kReplay, "replay")      /* bytes of an earlier connection come again in a new one */ \
  X(kTrickle, "trickle")    /* a slow line that carries a few bytes at a time */         \
  X(kCrash, "crash")        /* the process ends at any event */                          \
  X(kPower, "power")        /* the power goes at any disk operation */                   \
  X(kSyncFails, "fsync")    /* an fsync fails once */                                    \
  X(kFull, "full")          /* the disk is full for a while */                           \
  X(kRestore, "restore")    /* a directory is put back from an older copy */             \
  X(kClone, "clone")        /* a directory is copied and runs twice */                   \
  X(kClock, "clock")        /* the wall clock jumps by years, stops, runs backwards */   \
  X(kSleep, "sleep")        /* a laptop sleeps for hours with everything open */         \
  X(kBusy, "busy")          /* a server asks to come back later */                       \
  X(kHostile, "hostile")    /* a device writes what it may not, and forges */            \
  X(kNewer, "newer")        /* a newer program writes kinds that nobody knows yet */     \
  X(kOlder, "older")        /* an older program does not know all kinds yet */           \
  X(kRewrite, "rewrite")    /* a device puts itself back and writes other records */     \
  X(kTwin, "twin")          /* a server shows some children another history */           \
  X(kFlood, "flood")        /* a cell sends small records without end */                 \
  X(kRot, "rot")            /* bytes on a disk change by themselves */                   \
  X(kRoam, "roam")          /* a second connection of a child beside the first */

enum class FaultKind : std::uint8_t {
#define CHIBO_SIM_FAULT(name, word) name,
  CHIBO_SIM_FAULTS(CHIBO_SIM_FAULT)
#undef CHIBO_SIM_FAULT
};
std::string_view Name(FaultKind kind);
const std::set<FaultKind>& AllFaults();

// Everything a run follows from. Two runs of equal options (and program) are the same run.
struct Options {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 12;
  std::set<FaultKind> faults;
  std::uint32_t actions = 6;  // a cell records about so many
  Duration span = std::chrono::hours(48);
  Timestamp begins{Duration(1'575'500'000'000)};  // what right clocks show first: 5 December 2019
  bool trace = false;
  // Of I17: lines that carry at once whatever there is; and clocks that are all years off.
  bool even_lines = false;
  bool other_clocks = false;

  bool Has(FaultKind kind) const { return faults.contains(kind); }
  // The words that make `tests/sim/run` do it again.
  std::string Text() const;
};

// What the command line leaves open is drawn from the seed: of the kinds of faults about a half
// (some runs have none, some all), so that no kind hides another's effects.
struct Wanted {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 12;
  std::optional<std::set<FaultKind>> faults;
  std::optional<std::uint32_t> actions;
  bool trace = false;
};
Options Derive(const Wanted& wanted);
// "cut,crash", "all", "none"; nothing when a word is not known.
std::optional<std::set<FaultKind>> ParseFaults(std::string_view text);

// A source of its own for each purpose: leaving out one kind of fault does not change the others'
// dice.
SeededRandom DiceFor(std::uint64_t seed, std::string_view purpose);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_OPTIONS_H_
