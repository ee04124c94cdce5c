// chibo rebuild: the view made anew from the log. The old one is looked at for its digest and
// nothing else: it may be what is damaged.
#include "node/cli/commands.h"
#include "node/cli/json.h"
#include "node/cli/pages.h"
#include "storage/view_store.h"

namespace chibo {
namespace {

std::optional<Hash> Readable(const Result<Hash>& digest) {
  return digest ? std::optional(*digest) : std::nullopt;
}

// Of a server: the view in its file is void from here on, and made anew when a node next starts.
Result<std::optional<Hash>> VoidView(Call& call) {
  PageReport pages;
  CHIBO_TRY_VALUE(
      const auto store,
      BareStore::Open(
          call.directory, call.passphrases, call.random, [&](const UnlockedKey& device) -> Status {
            CHIBO_TRY_VALUE(pages, MendPages(call.directory, device, PageUse::kMendView));
            return {};
          }));
  if (!store->settings().is_server()) {
    return std::nullopt;
  }
  ViewStore view(store->sql());
  const bool rescued = pages.rescue.has_value();
  CHIBO_TRY(view.OpenSchema(ViewStore::Place::kFile));
  const auto before = rescued ? std::nullopt : Readable(view.Digest());
  CHIBO_TRY_VALUE(SqlTransaction transaction, SqlTransaction::Begin(store->sql()));
  CHIBO_TRY(view.PutVersion(0));
  CHIBO_TRY(transaction.Commit());
  return before;
}

Result<Output> Rebuild(Call& call) {
  std::unique_ptr<Node> started;
  std::optional<Hash> before;
  Node* node = call.node;
  if (node == nullptr) {
    CHIBO_TRY_VALUE(before, VoidView(call));
    CHIBO_TRY_VALUE(started,
                    Node::Open(call.directory, call.passphrases, call.random, Node::Use::kRead));
    node = started.get();
  }
  Replica& replica = node->replica();
  if (started == nullptr || !replica.settings().is_server()) {
    before = Readable(replica.ViewDigest());
    CHIBO_TRY(replica.RebuildView());
  }
  CHIBO_TRY_VALUE(const Hash after, replica.ViewDigest());
  Json json{{"before", nullptr}, {"after", after.hex()}, {"changed", nullptr}};
  if (before) {
    json["before"] = before->hex();
    json["changed"] = *before != after;
  }
  Output output;
  output.json = Dump(json);
  output.lines = {call.Say(!before            ? "rebuilt_unreadable"
                           : *before == after ? "rebuilt_same"
                                              : "rebuilt_changed",
                           {after.hex()})};
  return output;
}

}  // namespace

void AddRebuildCommand(std::vector<CommandSpec>& all) {
  all.push_back({"rebuild", Needs::kPlain, {}, "rebuild --dir DIST", Rebuild});
}

}  // namespace chibo
