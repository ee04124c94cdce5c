#ifndef CHIBO_STORAGE_PARSED_RECORDS_H_
#define CHIBO_STORAGE_PARSED_RECORDS_H_

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "chibo/record.pb.h"
#include "proto/ids.h"

namespace chibo {

// What payloads parse to, by their content digest: what comes in is read again and again while it
// is judged and evaluated. A digest stands for one kind and payload, so nothing that is written,
// rolled back or rebuilt makes wrong what is remembered. Up to a limit: what was not asked for
// longest is forgotten first.
class ParsedRecords {
 public:
  // Null: not remembered.
  std::shared_ptr<const pb::Record> Find(const Hash& content);
  void Put(const Hash& content, std::shared_ptr<const pb::Record> record,
           std::size_t payload_bytes);

 private:
  struct Parsed {
    std::shared_ptr<const pb::Record> record;
    std::size_t payload_bytes = 0;
  };
  using Generation = std::unordered_map<Hash, Parsed>;

  // Asked for since `older_` was the newest generation. When it has grown large it takes that
  // one's place.
  Generation newer_;
  std::size_t newer_bytes_ = 0;
  Generation older_;
};

}  // namespace chibo

#endif  // CHIBO_STORAGE_PARSED_RECORDS_H_
