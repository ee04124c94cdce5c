#include "proto/sealed_text.h"

#include <algorithm>

namespace chibo {
namespace {

// Not the secret itself: that makes the salts.
SecretKey PayloadKey(const StreamSecret& secret) {
  return *SecretKey::From(HmacSha256(secret.view(), {"chibo/sealed-text/v0\n"}).view());
}

Bytes PlaceOf(const StreamId& stream, const pb::SealedPayload& sealed) {
  Bytes place(stream.view());
  AppendU64(place, sealed.index());
  AppendU32(place, sealed.position());
  place += sealed.commitment();
  return place;
}

const pb::SealedSecret* SecretFor(const pb::SealedText& text, const DhPublicKey& key) {
  const Bytes id = KeyId(key);
  const auto found =
      std::find_if(text.secrets().begin(), text.secrets().end(),
                   [&](const pb::SealedSecret& secret) { return secret.key_id() == id; });
  return found == text.secrets().end() ? nullptr : &*found;
}

}  // namespace

std::optional<pb::SealedSecret> SealSecret(const StreamSecret& secret, const DhPublicKey& to,
                                           Random& random) {
  auto box = BoxTo(to, DhKey(SecretKey::Draw(random)), secret.view());
  if (!box) {
    return std::nullopt;
  }
  pb::SealedSecret sealed;
  sealed.set_key_id(KeyId(to));
  sealed.set_box(*std::move(box));
  return sealed;
}

bool IsSealedTo(const pb::SealedText& text, const DhPublicKey& key) {
  return SecretFor(text, key) != nullptr;
}

std::optional<StreamSecret> OpenSecret(const pb::SealedText& text, const DhKey& key) {
  const pb::SealedSecret* sealed = SecretFor(text, key.public_key());
  const auto opened = sealed == nullptr ? std::nullopt : OpenBox(key, sealed->box());
  return opened ? StreamSecret::From(*opened) : std::nullopt;
}

pb::SealedPayload SealPayload(const StreamSecret& secret, const RecordName& name,
                              const Commitment& commitment, ByteView payload, Random& random) {
  pb::SealedPayload sealed;
  sealed.set_index(name.index);
  sealed.set_position(name.position);
  sealed.set_commitment(Bytes(commitment.view()));
  sealed.set_box(Seal(PayloadKey(secret), random.Draw(24), PlaceOf(name.stream, sealed), payload));
  return sealed;
}

std::optional<Bytes> OpenPayload(const StreamSecret& secret, const StreamId& stream,
                                 const pb::SealedPayload& sealed) {
  return Open(PayloadKey(secret), PlaceOf(stream, sealed), sealed.box());
}

}  // namespace chibo
