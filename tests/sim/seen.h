#ifndef CHIBO_TESTS_SIM_SEEN_H_
#define CHIBO_TESTS_SIM_SEEN_H_

#include <string>
#include <vector>

#include "node/replica.h"

namespace chibo::sim {

// What a node sees, a line a record and a line a derived row, in words that two networks share
// whose clocks differ: streams by who writes them, contents without times, and of hashes and
// signatures only that they are there.
std::vector<std::string> WhatIsSeen(Replica& replica);

}  // namespace chibo::sim

#endif  // CHIBO_TESTS_SIM_SEEN_H_
