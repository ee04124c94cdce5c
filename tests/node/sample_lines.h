#ifndef CHIBO_TESTS_NODE_SAMPLE_LINES_H_
#define CHIBO_TESTS_NODE_SAMPLE_LINES_H_

#include <chrono>
#include <set>
#include <string>

#include "tests/sim/sim_node.h"

namespace chibo {

// 5 December 2019.
inline const Timestamp kNow{std::chrono::milliseconds(1'575'500'000'000)};

// What SimNode::Record takes: a member, and a report of parent reach.
std::string MemberLine(const std::string& name);
std::string ReviewLine(const std::string& text);

// Members that a node knows of, whose records count or do not.
std::set<std::string> MemberNames(SimNode& node, bool counted = true);

}  // namespace chibo

#endif  // CHIBO_TESTS_NODE_SAMPLE_LINES_H_
