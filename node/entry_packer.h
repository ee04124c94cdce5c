#ifndef CHIBO_NODE_ENTRY_PACKER_H_
#define CHIBO_NODE_ENTRY_PACKER_H_

#include <cstddef>
#include <vector>

#include "node/stream_writer.h"

namespace chibo {

// Writes records to one stream, any number of them: in order, in as few entries as their bytes and
// number allow. Belongs to the writer's transaction.
class EntryPacker {
 public:
  EntryPacker(StreamWriter& writer, pb::StreamKind kind, const UnitId& other, Timestamp claimed)
      : writer_(writer), kind_(kind), other_(other), claimed_(claimed) {}

  // These stand in one entry. Errors as StreamWriter::Append, kTooLarge when they do not fit.
  Status Add(std::vector<pb::Record> together);
  // Writes what is still kept back. To be called last.
  Status Close();
  std::size_t entries() const { return entries_; }

 private:
  StreamWriter& writer_;
  pb::StreamKind kind_;
  UnitId other_;
  Timestamp claimed_;
  Draft draft_;
  std::size_t bytes_ = 0;
  std::size_t entries_ = 0;
};

}  // namespace chibo

#endif  // CHIBO_NODE_ENTRY_PACKER_H_
