// chibo rebuild: the view made anew from the log.
#include "node/cli/commands.h"
#include "node/cli/json.h"

namespace chibo {
namespace {

Result<Output> Rebuild(Call& call) {
  Replica& replica = call.replica();
  CHIBO_TRY_VALUE(const Hash before, replica.ViewDigest());
  CHIBO_TRY(replica.RebuildView());
  CHIBO_TRY_VALUE(const Hash after, replica.ViewDigest());
  Output output;
  output.json =
      Dump(Json{{"before", before.hex()}, {"after", after.hex()}, {"changed", before != after}});
  output.lines = {call.Say(before == after ? "rebuilt_same" : "rebuilt_changed", {after.hex()})};
  return output;
}

}  // namespace

void AddRebuildCommand(std::vector<CommandSpec>& all) {
  all.push_back({"rebuild", Needs::kRead, {}, "rebuild --dir DIST", Rebuild});
}

}  // namespace chibo
