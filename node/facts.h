#ifndef CHIBO_NODE_FACTS_H_
#define CHIBO_NODE_FACTS_H_

#include <vector>

#include "domain/fact.h"
#include "node/streams.h"

namespace chibo {

// One fact per record of an entry in place. Standing is kCounts unless the record cannot be read;
// whether it can be meant and who may say it is judged later (Authority::StandingOf). `header`
// bytes have been checked when the entry came in.
std::vector<Fact> FactsOfEntry(const Stream& stream, std::uint32_t branch, std::uint64_t index,
                               const Entry& entry);

}  // namespace chibo

#endif  // CHIBO_NODE_FACTS_H_
