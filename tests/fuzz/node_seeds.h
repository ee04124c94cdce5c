#ifndef CHIBO_TESTS_FUZZ_NODE_SEEDS_H_
#define CHIBO_TESTS_FUZZ_NODE_SEEDS_H_

#include "tests/fuzz/targets.h"

// Seeds of what people and other programs hand to a node (node_targets.cc, cli_targets.cc).
namespace chibo::fuzz {

Seeds InviteSeeds();
Seeds RequestSeeds();
Seeds GrantSeeds();
Seeds KeyFileSeeds();
Seeds ActionSeeds();
Seeds TypedValueSeeds();
Seeds StoreSeeds();
Seeds ControlSeeds();
Seeds WordSeeds();
Seeds RosterSeeds();
Seeds DecisionLineSeeds();
Seeds ManifestSeeds();

}  // namespace chibo::fuzz

#endif  // CHIBO_TESTS_FUZZ_NODE_SEEDS_H_
