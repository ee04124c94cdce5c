// What the node itself adds to a transaction: register entries, copies of authority records, sealed
// texts, outbox items.
#include <algorithm>
#include <utility>

#include "base/planted.h"
#include "node/copies.h"
#include "node/entry_packer.h"
#include "node/point_lists.h"
#include "node/replica.h"
#include "proto/limits.h"

namespace chibo {
namespace {

bool HasDeviceBeside(const Authority& authority, const UnitId& unit, const SignPublicKey& device) {
  for (const pb::Role role : {pb::SECRETARY, pb::DEPUTY, pb::SERVER}) {
    for (const ValidCertificate& certificate : authority.Current(unit, role)) {
      if (certificate.key != device) {
        return true;
      }
    }
  }
  return false;
}

// As a header names it.
Bytes NameOfRegister(const Fact& fact) {
  pb::RegisterRef ref;
  ref.set_stream(Bytes(fact.name.stream.view().substr(0, 8)));
  ref.set_index(fact.name.index);
  return ref.SerializeAsString();
}

}  // namespace

Status Replica::Finish(Timestamp now) {
  // Standing decides what may be registered, copied and offered: settle first, and again for what
  // is added.
  news_ = projector_.TakeNews();
  CHIBO_TRY(OpenTexts());
  CHIBO_TRY(projector_.Settle());
  CHIBO_TRY(NoteRegisters());
  if (settings_.is_server()) {
    CHIBO_TRY(TakeRuledForks());
    CHIBO_TRY(Register(now));
    CHIBO_TRY(CHIBO_PLANT(kChainNotCopied, CopyChain(now), Status()));
    if (CanWrite()) {
      CHIBO_TRY(Introduce(now));
      CHIBO_TRY(SealTexts(now));
    }
    CHIBO_TRY(projector_.Settle());
    CHIBO_TRY(FillOutbox());
  }
  CHIBO_TRY(NoteRegisters());
  came_in_.clear();
  return {};
}

bool Replica::CanWrite() const {
  const auto current = authority().Current(settings_.unit, settings_.role);
  return std::any_of(current.begin(), current.end(), [&](const ValidCertificate& certificate) {
    return certificate.key == device_key();
  });
}

void Replica::TakeUnregistered() {
  if (!CanWrite()) {
    return;
  }
  for (auto no = unregistered_.begin(); no != unregistered_.end();) {
    const Stream* stream = streams_.Get(*no);
    const auto child =
        stream == nullptr ? std::nullopt : visibility().ChildTowards(settings_.unit, stream->unit);
    if (child) {
      came_in_[*child].insert(*no);
    }
    no = child || stream == nullptr ? unregistered_.erase(no) : std::next(no);
  }
}

const BranchRow& Replica::BranchToRegister(const Stream& stream) const {
  const auto stands = [&](const BranchRow& branch) {
    return authority().StandingOfEntry(stream.id, branch.branch, branch.peaks.size() - 1) ==
           SetAside::kCounts;
  };
  const auto& branches = stream.branches;
  const auto standing =
      stream.forked() ? std::find_if(branches.begin(), branches.end(), stands) : branches.begin();
  return standing == branches.end() ? branches.front() : *standing;
}

// By this unit, as far as it is held here.
Result<bool> Replica::IsRegistered(const Stream& stream) const {
  const Hash root = BranchToRegister(stream).peaks.Root();
  CHIBO_TRY_VALUE(const auto registered, log_.RegisteredOf(stream.id));
  return std::any_of(registered.begin(), registered.end(), [&](const Registered& receipt) {
    return receipt.by == settings_.unit && receipt.at.root == root;
  });
}

// A ruling may choose another branch than the one that was registered: who wrote it is to hear that
// it is here.
Status Replica::TakeRuledForks() {
  for (const StreamId& id : projector_.TakeRejudgedForks()) {
    const Stream* stream = streams_.Find(id);
    if (stream == nullptr || stream->own || !stream->forked()) {
      continue;
    }
    CHIBO_TRY_VALUE(const bool known, IsRegistered(*stream));
    if (!known) {
      unregistered_.insert(stream->no);
    }
  }
  return {};
}

// The office's incoming register: one record a child and transaction, naming every stream of which
// something came in; more only where those are too many for one.
Status Replica::Register(Timestamp now) {
  CHIBO_TRY_VALUE(const bool whole, Quarantine(*parts_.sql, *parts_.at_rest).IsEmpty());
  if (!whole && !CanWrite()) {
    // Its own certificate has not come back yet: what it holds is registered when it has.
    for (const auto& [child, streams] : came_in_) {
      unregistered_.insert(streams.begin(), streams.end());
    }
    return {};
  }
  TakeUnregistered();
  for (const auto& [child, streams] : came_in_) {
    EntryPacker packer(writer_, pb::TO, child, now);
    pb::Record record;
    for (const StreamNo no : streams) {
      const Stream* stream = streams_.Get(no);
      // Another device of this unit may have been first.
      CHIBO_TRY_VALUE(const bool known, IsRegistered(*stream));
      if (known) {
        continue;
      }
      const MerklePeaks& peaks = BranchToRegister(*stream).peaks;
      PutPoint(
          {stream->id, CHIBO_PLANT(kReceiptForMore, peaks.size(), peaks.size() + 1), peaks.Root()},
          *record.mutable_register_()->add_received());
      record.mutable_register_()->set_time_ms(now.time_since_epoch().count());
      if (record.register_().received_size() == limits::kPointsMax) {
        CHIBO_TRY(packer.Add({std::exchange(record, pb::Record())}));
      }
    }
    if (record.has_register_()) {
      CHIBO_TRY(packer.Add({std::move(record)}));
    }
    CHIBO_TRY(packer.Close());
  }
  return {};
}

// Those below do not hold the streams in which our superiors speak to us; what decides our own
// standing is carried into our down stream, with its proof.
Status Replica::CopyChain(Timestamp now) {
  if (!settings_.parent || !grew_outside_ || Children().empty()) {
    return {};
  }
  CHIBO_TRY_VALUE(const auto facts, SaidToUs());
  bool left = false;
  EntryPacker packer(writer_, pb::DOWN, UnitId(), now);
  for (const Fact& fact : facts) {
    const std::string key = "copied/" + PlaceHere(fact);
    CHIBO_TRY_VALUE(const auto copied, log_.Value(key));
    if (copied) {
      continue;
    }
    auto copy = MakeCopy(streams_, log_, fact);
    if (!copy && IsPassedOver(copy.error())) {
      left = left || copy.error().code != Code::kNotFound;
      continue;
    }
    CHIBO_TRY(copy);
    CHIBO_TRY(log_.PutValue(key, "1"));
    CHIBO_TRY(packer.Add({*std::move(copy)}));
  }
  grew_outside_ = left;
  return packer.Close();
}

// The authority records with which our superiors speak to us; of their register only what says
// which branch of a stream of ours stands.
Result<std::vector<Fact>> Replica::SaidToUs() const {
  std::vector<Fact> said;
  const auto take = [&](const Fact& fact) {
    const bool to_us =
        fact.stream_kind == pb::TO && fact.other == settings_.unit && fact.unit != settings_.unit;
    if (to_us && fact.counts()) {
      said.push_back(fact);
    }
  };
  for (const KindTraits& traits : AllKinds()) {
    if (traits.open && traits.kind != pb::Record::kRegister) {
      CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfKind(traits.kind)));
      std::for_each(facts.begin(), facts.end(), take);
    }
  }
  for (const Stream* stream : streams_.All()) {
    if (!stream->own || !stream->forked()) {
      continue;
    }
    for (Fact fact : authority().EvidenceFor(stream->id)) {
      if (fact.record->has_register_()) {
        fact.standing = SetAside::kCounts;
        take(fact);
      }
    }
  }
  return said;
}

// What came in sealed to this device is filled in where it stands: from then on it is held as if it
// had come with its stream.
Status Replica::OpenTexts() {
  std::map<StreamId, SealedTextReader::Texts> texts;
  for (const Fact& fact : news_.sealed_texts) {
    if (const auto id = StreamId::From(fact.record->sealed_text().stream())) {
      texts[*id].push_back(fact.record);
    }
  }
  for (const StreamId& id : news_.grown) {
    if (projector_.sealed_texts().IsFor(*streams_.Find(id))) {
      texts.try_emplace(id);
    }
  }
  for (auto& [id, records] : texts) {
    const Stream* stream = streams_.Find(id);
    if (stream == nullptr || !projector_.sealed_texts().IsFor(*stream)) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto facts, view_.FactsOf(KeyOfStream(id)));
    for (const Fact& fact : facts) {
      if (fact.record != nullptr && fact.record->has_sealed_text()) {
        records.push_back(fact.record);
      }
    }
    CHIBO_TRY_VALUE(const auto opened, projector_.sealed_texts().Open(*stream, records));
    if (opened.secret) {
      CHIBO_TRY(log_.PutSecret(stream->no, pb::PARENT, *opened.secret));
      CHIBO_TRY(missing_text_.NoteSecret(*stream, false));
      projector_.MoreHeld(id);
    }
    for (const auto& text : opened.texts) {
      CHIBO_TRY(log_.ReplaceBody(stream->no, text.branch, text.index, EncodeBody(text.entry)));
      CHIBO_TRY(missing_text_.Note(
          *stream, text.branch, {text.index, text.index + 1},
          LacksText(text.entry) ? std::vector{text.index} : std::vector<std::uint64_t>()));
      CHIBO_TRY(projector_.Project(*stream, text.branch, text.index, {&text.entry, 1}));
    }
  }
  return {};
}

// Who has to do with each other across committees is told of each other, once it is known and when
// something of it has changed.
Status Replica::Introduce(Timestamp now) {
  for (const Fact& transfer : news_.transfers) {
    CHIBO_TRY(introductions_.Note(transfer));
  }
  const bool crossing = std::any_of(
      news_.grown.begin(), news_.grown.end(),
      [&](const StreamId& id) { return introductions_.IsCrossing(*streams_.Find(id)); });
  if (introduced_as_of_ == projector_.authority_version() && news_.transfers.empty() &&
      !news_.authority && !crossing) {
    return {};
  }
  CHIBO_TRY_VALUE(auto told, introductions_.Lacking());
  for (auto& [to, copies] : told) {
    EntryPacker packer(writer_, pb::TO, to, now);
    for (pb::Record& copy : copies) {
      CHIBO_TRY(packer.Add({std::move(copy)}));
    }
    CHIBO_TRY(packer.Close());
  }
  introduced_as_of_ = projector_.authority_version();
  return {};
}

Status Replica::SealTexts(Timestamp now) {
  std::vector<const Stream*> streams;
  if (sealed_as_of_ != projector_.authority_version()) {
    streams = streams_.All();
    sealed_as_of_ = projector_.authority_version();
  } else {
    for (const StreamId& id : news_.grown) {
      streams.push_back(streams_.Find(id));
    }
  }
  for (const Stream* stream : streams) {
    auto sealed = text_sealing_.Lacking(*stream, *parts_.random);
    if (!sealed && sealed.error().code == Code::kDamaged) {
      continue;  // which is not to hold up what else came in
    }
    CHIBO_TRY(sealed);
    const UnitId to = stream->other;
    for (pb::Record& text : *sealed) {
      Draft draft;
      draft.claimed = now;
      draft.Add(std::move(text));
      CHIBO_TRY(writer_.Append(pb::TO, to, std::move(draft)));
    }
  }
  return {};
}

bool Replica::IsOfferedTo(const UnitId& child, const Stream& stream) const {
  const Visibility may = visibility();
  if (stream.unit == child) {
    // What a device wrote comes from it; it goes back to the others of the unit, beside it or after
    // it.
    return HasDeviceBeside(authority(), child, stream.device);
  }
  return !may.IsWithin(stream.unit, child) && may.MayHold(stream, child);
}

Status Replica::OfferTo(const UnitId& child, const Stream& stream) {
  for (const BranchRow& branch : stream.branches) {
    const std::uint64_t to = branch.signed_size;  // only what is signed can be passed on
    std::uint64_t& covered = outboxed_[{child, stream.no, branch.branch}];
    const std::uint64_t from = std::max(covered, branch.fork_at);
    if (from < to) {
      CHIBO_TRY(log_.AppendOutbox(child, stream.no, branch.branch, from, to));
      covered = CHIBO_PLANT(kOutboxAgain, to, covered);
    }
  }
  return {};
}

Status Replica::FillOutbox() {
  std::vector<const Stream*> streams;
  for (const StreamNo no : streams_.TakeGrown()) {
    streams.push_back(streams_.Get(no));
  }
  // A unit, device or child that is new may see streams that did not grow.
  if (const std::uint64_t version = by_child_.version(); version != offered_as_of_) {
    streams = streams_.All();
    offered_as_of_ = version;
  }
  for (const Stream* stream : streams) {
    for (const UnitId& child : by_child_.MayBeOfferedTo(*stream)) {
      if (IsOfferedTo(child, *stream)) {
        CHIBO_TRY(OfferTo(child, *stream));
      }
    }
  }
  return {};
}

// Of a unit's receipts for one branch the largest is kept. A point that no branch held here runs
// through may be of one that is not held; of several such the largest is kept.
Status Replica::NoteReceipt(const Registered& receipt) {
  CHIBO_TRY_VALUE(const auto others, log_.RegisteredOf(receipt.at.stream));
  for (const Registered& other : others) {
    if (other.by != receipt.by || other.at.root == receipt.at.root) {
      continue;
    }
    const bool larger = other.at.size > receipt.at.size;
    const auto one_branch =
        streams_.AreOfOneBranch(larger ? receipt.at : other.at, larger ? other.at : receipt.at);
    // A damaged stream cannot be asked, which is not to hold up what else came in.
    if (!one_branch && one_branch.error().code != Code::kDamaged) {
      return tl::unexpected(one_branch.error());
    }
    const bool together = one_branch.value_or(true);
    if (together && larger) {
      return {};
    }
    if (together) {
      CHIBO_TRY(log_.DropRegistered(other));
    }
  }
  return log_.PutRegistered(receipt);
}

Status Replica::NoteReceipts(const Fact& fact) {
  const pb::Register& entry = fact.record->register_();
  for (const pb::Point& point : entry.received()) {
    const auto stream = StreamId::From(point.stream());
    const auto root = Hash::From(point.root());
    if (stream && root) {
      CHIBO_TRY(
          NoteReceipt({fact.unit, {*stream, point.size(), *root}, entry.time_ms(), fact.name}));
    }
  }
  return {};
}

// What a register entry said that counts no more, as in the branch of a fork that lost. Adds the
// streams of which a receipt went with it.
Status Replica::VoidReceipts(const Fact& fact, std::set<StreamId>& voided) {
  for (const pb::Point& point : fact.record->register_().received()) {
    const auto stream = StreamId::From(point.stream());
    const auto root = Hash::From(point.root());
    if (!stream || !root) {
      continue;
    }
    CHIBO_TRY_VALUE(const auto receipts, log_.RegisteredOf(*stream));
    for (const Registered& receipt : receipts) {
      // Another branch has another entry by this name.
      if (receipt.name == fact.name && receipt.at.root == *root) {
        CHIBO_TRY(log_.DropRegistered(receipt));
        voided.insert(*stream);
      }
    }
  }
  return {};
}

// Receipts as the register entries that count say them: those that were dropped for a larger one
// are back where that one is void.
Status Replica::NoteRegisters() {
  const std::vector<Fact> news = projector_.TakeRegisters();
  std::set<StreamId> voided;
  for (const Fact& fact : news) {
    if (!fact.counts()) {
      CHIBO_TRY(VoidReceipts(fact, voided));
      CHIBO_TRY_VALUE(const auto newest, log_.Value(kNewestRegister));
      if (newest == NameOfRegister(fact)) {
        CHIBO_TRY(log_.EraseValue(kNewestRegister));
      }
    }
  }
  for (const Fact& fact : news) {
    if (!fact.counts()) {
      continue;
    }
    CHIBO_TRY(NoteReceipts(fact));
    if (settings_.parent && fact.unit == *settings_.parent && fact.other == settings_.unit) {
      CHIBO_TRY(log_.PutValue(kNewestRegister, NameOfRegister(fact)));
    }
  }
  return voided.empty() ? Status() : NoteReceiptsLeft(voided);
}

Status Replica::NoteReceiptsLeft(const std::set<StreamId>& voided) {
  CHIBO_TRY_VALUE(const auto registers, view_.FactsOf(KeyOfKind(pb::Record::kRegister)));
  for (const Fact& fact : registers) {
    if (fact.counts() && fact.record != nullptr) {
      CHIBO_TRY(NoteReceipts(fact));
    }
  }
  // Who wrote them is to hear again that they are here.
  for (const StreamId& id : voided) {
    const Stream* stream = streams_.Find(id);
    if (stream != nullptr && !stream->own && settings_.is_server()) {
      unregistered_.insert(stream->no);
    }
  }
  return {};
}

}  // namespace chibo
