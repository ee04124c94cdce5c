#include "node/record_labels.h"

#include <string>

#include "proto/crypto.h"

namespace chibo {
namespace {

constexpr std::string_view kKey = "secret/label-key";
constexpr std::string_view kPlainPrefix = "label/";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNameBytes = StreamId::kSize + 8 + 4;

std::string ValueKey(ByteView key, std::string_view label) {
  return "secret/label/" + HmacSha256(key, {label}).hex();
}

Result<Bytes> KeyOfLabels(LogStore& log, Random& random) {
  CHIBO_TRY_VALUE(auto key, log.Value(kKey));
  if (!key) {
    key = random.Draw(kKeyBytes);
    CHIBO_TRY(log.PutValue(kKey, *key));
  }
  return *std::move(key);
}

}  // namespace

Status PutRecordLabel(LogStore& log, Random& random, std::string_view label,
                      const RecordName& record) {
  CHIBO_TRY_VALUE(const Bytes key, KeyOfLabels(log, random));
  Bytes kept(record.stream.view());
  AppendU64(kept, record.index);
  AppendU32(kept, record.position);
  return log.PutValue(ValueKey(key, label), kept);
}

Result<std::optional<RecordName>> RecordLabelled(const LogStore& log, std::string_view label) {
  CHIBO_TRY_VALUE(const auto key, log.Value(kKey));
  if (!key) {
    return std::nullopt;
  }
  CHIBO_TRY_VALUE(const auto kept, log.Value(ValueKey(*key, label)));
  if (!kept || kept->size() != kNameBytes) {
    return std::nullopt;
  }
  return RecordName{StreamId::FromChecked(kept->substr(0, StreamId::kSize)),
                    ReadU64(kept->substr(StreamId::kSize)),
                    ReadU32(kept->substr(StreamId::kSize + 8))};
}

Status SealOldRecordLabels(LogStore& log, Random& random) {
  CHIBO_TRY_VALUE(const auto old, log.KeysBelow(kPlainPrefix));
  if (old.empty()) {
    return {};
  }
  CHIBO_TRY_VALUE(const Bytes key, KeyOfLabels(log, random));
  for (const std::string& name : old) {
    CHIBO_TRY_VALUE(const auto kept, log.Value(name));
    CHIBO_TRY(log.PutValue(ValueKey(key, std::string_view(name).substr(kPlainPrefix.size())),
                           kept.value_or(Bytes())));
    CHIBO_TRY(log.EraseValue(name));
  }
  return {};
}

}  // namespace chibo
