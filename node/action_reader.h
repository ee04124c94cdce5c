#ifndef CHIBO_NODE_ACTION_READER_H_
#define CHIBO_NODE_ACTION_READER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chibo/record.pb.h"
#include "node/replica.h"

namespace chibo {

// Reads lines of `chibo record`: Protobuf JSON of an Action, or of a single Record. Nobody types
// 16-byte ids: where the schema wants bytes or a Ref, a string that begins with "@" is looked up
// here.
//   "@person:<full name>|<birth yyyymmdd>"   a member or posted person this node knows
//   "@unit:<code>"                           a unit
//   "@record:<label>"                        (Ref) a record labelled earlier
//   "@<stream hex>/<index>/<position>"       (Ref) a record by its name
//   "@hex:<hex digits>"                      bytes as other commands print them: a digest, an id
//   "@new"                                   16 fresh random bytes
//   "@"                                      nothing
// Not thread-safe; the replica must outlive it.
class ActionReader {
 public:
  explicit ActionReader(Replica& replica) : replica_(replica) {}

  // Learns the persons and units known now; call again after records were added.
  Status Refresh();
  // kBadInput with the field's path; kNotFound or kAmbiguous for a reference.
  Result<pb::Action> Read(std::string_view line) const;
  // Labels of an action just written, in the caller's transaction: `first` names the record at
  // position 0 of its entry. They stay known to later files.
  Status Remember(const pb::Action& action, const RecordName& first);

  Result<PersonId> FindPerson(std::string_view reference) const;  // "<full name>|<birth>"

 private:
  struct Walk;
  Result<std::string> Lookup(std::string_view reference, bool as_ref) const;

  Replica& replica_;
  std::map<std::string, std::set<PersonId>> persons_;  // "<normal name>|<birth>"
  std::map<std::string, RecordName> labels_;
};

}  // namespace chibo

#endif  // CHIBO_NODE_ACTION_READER_H_
