#include "node/root_set.h"

#include <algorithm>
#include <set>
#include <utility>

#include "proto/message_bytes.h"
#include "proto/record.h"
#include "proto/signed_object.h"

namespace chibo {
namespace {

constexpr std::string_view kPromiseKey = "root-next";
// Far below what an entry holds; a root set signs a handful of records.
constexpr std::size_t kRecordsPerEntry = 32;

// Of the keys at hand, those that the set names.
std::vector<const SigningKey*> KeysIn(const pb::RootSetBody& set,
                                      const std::vector<const SigningKey*>& keys) {
  const std::vector<SignPublicKey> named = SignKeysOf(set);
  std::vector<const SigningKey*> found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found), [&](const SigningKey* key) {
    return std::find(named.begin(), named.end(), key->public_key()) != named.end();
  });
  return found;
}

Status CheckEnough(const pb::RootSetBody& set, const std::vector<const SigningKey*>& keys) {
  if (keys.size() >= set.threshold()) {
    return {};
  }
  return Fail(Code::kNotAllowed, "root_keys_missing",
              std::to_string(keys.size()) + "/" + std::to_string(set.threshold()));
}

// What the root set has signed and counts, each body once.
Result<std::vector<pb::Record>> SignedByRoot(const Replica& replica) {
  std::vector<pb::Record> records;
  std::set<Hash> seen;
  for (const KindTraits& traits : AllKinds()) {
    if (traits.object.empty() || traits.kind == pb::Record::kRootSet) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto facts, replica.view().FactsOf(KeyOfKind(traits.kind)));
    for (const Fact& fact : facts) {
      if (fact.counts() && fact.record != nullptr && !IssuerOf(*fact.record) &&
          seen.insert(BodyDigest(*fact.record)).second) {
        records.push_back(*fact.record);
      }
    }
  }
  return records;
}

}  // namespace

pb::RootSetBody MakeRootSet(const RootKeys& keys, const RootKeys& next) {
  pb::RootSetBody body;
  body.set_threshold(keys.threshold);
  for (const SignPublicKey& key : keys.keys) {
    pb::Key& named = *body.add_keys();
    named.set_usage(pb::SIGN);
    named.set_algorithm(1);
    named.set_key(Bytes(key.view()));
  }
  if (!next.keys.empty()) {
    body.set_next(Bytes(NextSetDigest(MakeRootSet(next, {})).view()));
  }
  return body;
}

Status KeepPromise(LogStore& log, const RootKeys& next) {
  if (next.keys.empty()) {
    return log.EraseValue(kPromiseKey);
  }
  return log.PutValue(kPromiseKey, CanonicalBytes(MakeRootSet(next, {})));
}

Result<RootChange> FindRootChange(const Replica& replica) {
  const auto current = replica.authority().RootSet();
  if (replica.settings().parent || !current) {
    return Fail(Code::kNotAllowed, "root_not_here", replica.settings().unit_code);
  }
  if (current->next().empty()) {
    return Fail(Code::kNotAllowed, "root_set_without_next");
  }
  CHIBO_TRY_VALUE(const auto kept, replica.log().Value(kPromiseKey));
  RootChange change{*current, {}};
  if (!kept || !ParseBounded(*kept, change.promised) ||
      NextSetDigest(change.promised).view() != current->next()) {
    return Fail(Code::kNotAllowed, "root_set_not_promised");
  }
  return change;
}

Result<RootChanged> ChangeRootSet(Replica& replica, const std::vector<const SigningKey*>& keys,
                                  const RootKeys& after, Timestamp now) {
  CHIBO_TRY_VALUE(const RootChange change, FindRootChange(replica));
  const NetworkId& network = replica.settings().network;
  const std::vector<const SigningKey*> before = KeysIn(change.current, keys);
  const std::vector<const SigningKey*> coming = KeysIn(change.promised, keys);
  CHIBO_TRY(CheckEnough(change.current, before));
  CHIBO_TRY(CheckEnough(change.promised, coming));

  pb::Record set;
  pb::RootSetBody& body = *set.mutable_root_set()->mutable_body();
  body = change.promised;
  body.set_next(MakeRootSet({}, after).next());
  body.set_version(change.current.version() + 1);
  body.set_name(change.current.name());
  body.set_random(replica.random().Draw(16));
  std::set<SignPublicKey> signers;
  for (const auto& side : {before, coming}) {
    for (const SigningKey* key : side) {
      if (signers.insert(key->public_key()).second) {
        AddSignature(network, *key, set);
      }
    }
  }
  CHIBO_TRY_VALUE(std::vector<pb::Record> records, SignedByRoot(replica));
  RootChanged changed{body.version(), records.size()};
  for (pb::Record& record : records) {
    RemoveSignatures(record);
    for (const SigningKey* key : coming) {
      AddSignature(network, *key, record);
    }
  }
  // Last: until it is there the old signatures stand, from then on the new ones.
  records.push_back(std::move(set));
  CHIBO_TRY(replica.Transact(now, [&](StreamWriter& writer) -> Status {
    for (std::size_t first = 0; first < records.size(); first += kRecordsPerEntry) {
      Draft draft;
      draft.claimed = now;
      for (std::size_t i = first; i < std::min(first + kRecordsPerEntry, records.size()); ++i) {
        draft.Add(records[i]);
      }
      CHIBO_TRY(writer.Append(pb::DOWN, UnitId(), std::move(draft)));
    }
    return KeepPromise(replica.log(), after);
  }));
  return changed;
}

}  // namespace chibo
