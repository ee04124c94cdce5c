#include "node/sealed_text_reader.h"

#include <map>
#include <utility>

#include "proto/sealed_text.h"

namespace chibo {
namespace {

bool IsWhatIsCommittedTo(const Entry& entry, const StreamSecret& secret,
                         const pb::SealedPayload& sealed, ByteView payload) {
  const auto header = ParseHeader(entry.header, sealed.index());
  return header && CommitmentOf(RecordSalt(secret, sealed.index(), sealed.position()),
                                header->slots[sealed.position()].kind,
                                payload) == entry.records[sealed.position()].commitment;
}

}  // namespace

bool SealedTextReader::IsFor(const Stream& stream) const {
  return stream.kind == pb::TO && stream.unit != unit_ &&
         (stream.other == unit_ || stream.genesis.to_superior() == unit_.view()) &&
         stream.genesis.salts_size() > pb::PARENT;
}

std::optional<StreamSecret> SealedTextReader::SecretIn(const Stream& stream,
                                                       const pb::SealedText& text) const {
  auto secret = key_ == nullptr ? std::nullopt : OpenSecret(text, *key_);
  if (secret && SecretCommitment(pb::PARENT, *secret).view() != stream.genesis.salts(pb::PARENT)) {
    secret.reset();
  }
  return secret;
}

// Of each branch its own entry in that place, if the record committed to stands there.
Result<std::vector<SealedTextReader::Opened::Text>> SealedTextReader::EntriesWith(
    const Stream& stream, const pb::SealedPayload& sealed, const StreamSecrets& secrets) const {
  std::vector<Opened::Text> found;
  for (const BranchRow& branch : stream.branches) {
    if (sealed.index() < branch.fork_at || sealed.index() >= branch.peaks.size()) {
      continue;
    }
    const auto stored = log_.ReadEntries(stream.no, branch.branch, sealed.index(), 1, 0);
    if (!stored && stored.error().code == Code::kDamaged) {
      continue;  // as if it were not held
    }
    CHIBO_TRY(stored);
    CHIBO_TRY_VALUE(Entry entry, DecodeEntry(stream.id, sealed.index(), stored->front().header,
                                             stored->front().body, secrets));
    if (sealed.position() < entry.records.size() &&
        entry.records[sealed.position()].commitment.view() == sealed.commitment()) {
      found.push_back({branch.branch, sealed.index(), std::move(entry)});
    }
  }
  return found;
}

Result<bool> SealedTextReader::Fits(const Stream& stream, const pb::SealedPayload& sealed,
                                    const StreamSecrets& secrets) const {
  const auto payload = OpenPayload(*secrets[pb::PARENT], stream.id, sealed);
  if (!payload) {
    return false;
  }
  CHIBO_TRY_VALUE(const auto entries, EntriesWith(stream, sealed, secrets));
  if (entries.empty()) {
    return sealed.index() >= stream.size();  // is still to come
  }
  return IsWhatIsCommittedTo(entries.front().entry, *secrets[pb::PARENT], sealed, *payload);
}

Result<SetAside> SealedTextReader::StandingOf(const pb::SealedText& text) const {
  const auto id = StreamId::From(text.stream());
  const Stream* stream = id ? streams_.Find(*id) : nullptr;
  if (stream == nullptr || !IsFor(*stream)) {
    return SetAside::kCounts;
  }
  CHIBO_TRY_VALUE(StreamSecrets secrets, log_.Secrets(stream->no));
  if (key_ != nullptr && IsSealedTo(text, key_->public_key())) {
    const auto secret = SecretIn(*stream, text);
    if (!secret) {
      return SetAside::kSealBroken;
    }
    secrets[pb::PARENT] = secret;
  }
  if (!secrets[pb::PARENT]) {
    return SetAside::kCounts;  // sealed to others, or the secret is still to come
  }
  for (const pb::SealedPayload& sealed : text.payloads()) {
    CHIBO_TRY_VALUE(const bool fits, Fits(*stream, sealed, secrets));
    if (!fits) {
      return SetAside::kSealBroken;
    }
  }
  return SetAside::kCounts;
}

Result<SealedTextReader::Opened> SealedTextReader::Open(const Stream& stream,
                                                        const Texts& texts) const {
  Opened opened;
  if (!IsFor(stream)) {
    return opened;
  }
  CHIBO_TRY_VALUE(StreamSecrets secrets, log_.Secrets(stream.no));
  for (auto text = texts.begin(); text != texts.end() && !secrets[pb::PARENT]; ++text) {
    opened.secret = SecretIn(stream, (*text)->sealed_text());
    secrets[pb::PARENT] = opened.secret;
  }
  if (!secrets[pb::PARENT]) {
    return opened;
  }
  std::map<std::pair<std::uint32_t, std::uint64_t>, Entry> entries;
  for (const auto& text : texts) {
    for (const pb::SealedPayload& sealed : text->sealed_text().payloads()) {
      auto payload = OpenPayload(*secrets[pb::PARENT], stream.id, sealed);
      if (!payload) {
        continue;
      }
      CHIBO_TRY_VALUE(auto found, EntriesWith(stream, sealed, secrets));
      for (Opened::Text& text_of : found) {
        if (text_of.entry.records[sealed.position()].payload ||
            !IsWhatIsCommittedTo(text_of.entry, *secrets[pb::PARENT], sealed, *payload)) {
          continue;
        }
        // One entry may hold several.
        const auto [at, first] =
            entries.try_emplace({text_of.branch, text_of.index}, std::move(text_of.entry));
        at->second.records[sealed.position()].payload = *payload;
      }
    }
  }
  for (auto& [place, entry] : entries) {
    opened.texts.push_back({place.first, place.second, std::move(entry)});
  }
  return opened;
}

}  // namespace chibo
