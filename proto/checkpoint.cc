#include "proto/checkpoint.h"

#include <optional>

#include "proto/limits.h"
#include "proto/lines.h"
#include "proto/text.h"

namespace chibo {
namespace {

constexpr std::string_view kOriginPrefix = "chibo/v0/";
constexpr std::string_view kSignatureStart = "\xe2\x80\x94 ";  // em dash, space
constexpr std::string_view kAlgorithmEd25519("\x01", 1);
constexpr std::size_t kNetworkBytes = 16;
constexpr std::size_t kKeyIdBytes = 4;

// The four bytes by which a signature line says which key of that name made it.
Bytes NoteKeyId(std::string_view name, const SignPublicKey& key) {
  return Bytes(Sha256({name, "\n", kAlgorithmEd25519, key.view()}).view().substr(0, kKeyIdBytes));
}

// Line one, taken apart. Hex in lower case only: one origin has one spelling.
struct Origin {
  Bytes network;
  StreamId stream;
};
std::optional<Origin> ParseOrigin(std::string_view line) {
  if (!line.starts_with(kOriginPrefix)) {
    return std::nullopt;
  }
  const std::string_view rest = line.substr(kOriginPrefix.size());
  const auto slash = rest.find('/');
  if (slash != kNetworkBytes * 2) {
    return std::nullopt;
  }
  const auto network = FromHex(rest.substr(0, slash));
  const auto stream = StreamId::FromHexText(rest.substr(slash + 1));
  if (!network || !stream || ToHex(*network) != rest.substr(0, slash) ||
      stream->hex() != rest.substr(slash + 1)) {
    return std::nullopt;
  }
  return Origin{*network, *stream};
}

struct SignatureLine {
  std::string_view name;
  Bytes key_id;
  Bytes signature;
};
std::optional<SignatureLine> ParseSignatureLine(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) {
    return std::nullopt;
  }
  line.remove_prefix(kSignatureStart.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space == 0) {
    return std::nullopt;
  }
  const std::string_view name = line.substr(0, space);
  const auto blob = FromBase64(line.substr(space + 1));
  if (!blob || blob->size() <= kKeyIdBytes || name.find('+') != std::string_view::npos) {
    return std::nullopt;
  }
  return SignatureLine{name, blob->substr(0, kKeyIdBytes), blob->substr(kKeyIdBytes)};
}

// Whether any of the signature lines is by the key. One by it that fails refuses the note.
Status CheckSignatures(std::string_view lines, std::string_view name, std::string_view text,
                       const SignPublicKey& key) {
  const Bytes key_id = NoteKeyId(name, key);
  bool found = false;
  std::size_t count = 0;
  while (!lines.empty()) {
    const auto line = TakeLine(lines);
    const auto parsed = line ? ParseSignatureLine(*line) : std::nullopt;
    if (!parsed) {
      return Fail(Code::kMalformed, "note_signature_line_malformed");
    }
    if (++count > limits::kNoteSignaturesMax) {
      return Fail(Code::kTooLarge, "note_too_many_signatures");
    }
    if (parsed->name != name || parsed->key_id != key_id) {
      continue;
    }
    const auto signature = Signature::From(parsed->signature);
    if (!signature || !Verify(key, text, *signature)) {
      return Fail(Code::kBadSignature, "checkpoint_signature_bad");
    }
    found = true;
  }
  if (!found) {
    return Fail(Code::kNotFound, "note_not_signed_by_key");
  }
  return {};
}

}  // namespace

std::string CheckpointOrigin(const NetworkId& network, const StreamId& stream) {
  std::string origin(kOriginPrefix);
  origin.append(ToHex(network.view().substr(0, kNetworkBytes))).append("/").append(stream.hex());
  return origin;
}

std::string CheckpointText(const NetworkId& network, const Position& at) {
  std::string text = CheckpointOrigin(network, at.stream);
  text.append("\n").append(std::to_string(at.size));
  text.append("\n").append(ToBase64(at.root.view())).append("\n");
  return text;
}

Signature SignCheckpoint(const SigningKey& key, const NetworkId& network, const Position& at) {
  return key.Sign(CheckpointText(network, at));
}

Status VerifyCheckpoint(const SignPublicKey& key, const NetworkId& network, const Position& at,
                        const Signature& signature) {
  if (!Verify(key, CheckpointText(network, at), signature)) {
    return Fail(Code::kBadSignature, "checkpoint_signature_bad");
  }
  return {};
}

std::string CheckpointNote(const NetworkId& network, const Position& at, const SignPublicKey& key,
                           const Signature& signature) {
  const std::string name = CheckpointOrigin(network, at.stream);
  Bytes blob = NoteKeyId(name, key);
  blob.append(signature.view());
  std::string note = CheckpointText(network, at);
  note.append("\n").append(kSignatureStart).append(name).append(" ");
  note.append(ToBase64(blob)).append("\n");
  return note;
}

std::string Vkey(const NetworkId& network, const StreamId& stream, const SignPublicKey& key) {
  const std::string name = CheckpointOrigin(network, stream);
  Bytes blob(kAlgorithmEd25519);
  blob.append(key.view());
  return name + "+" + ToHex(NoteKeyId(name, key)) + "+" + ToBase64(blob);
}

Result<Position> OpenCheckpointNote(std::string_view note, const NetworkId& network,
                                    const SignPublicKey& key) {
  if (note.size() > limits::kNoteBytesMax) {
    return Fail(Code::kTooLarge, "note_too_large");
  }
  std::string_view rest = note;
  const auto origin_line = TakeLine(rest);
  const auto size_line = TakeLine(rest);
  const auto root_line = TakeLine(rest);
  const std::string_view text = note.substr(0, note.size() - rest.size());
  const auto empty_line = TakeLine(rest);
  if (!empty_line || !empty_line->empty() || !IsPlainText(note, Lines::kMany)) {
    return Fail(Code::kMalformed, "note_malformed");
  }
  const auto origin = ParseOrigin(*origin_line);
  const auto size = ParseDecimal(*size_line);
  const auto root_bytes = FromBase64(*root_line);
  const auto root = root_bytes ? Hash::From(*root_bytes) : std::nullopt;
  if (!origin || !size || !root) {
    return Fail(Code::kMalformed, "note_malformed");
  }
  if (origin->network != network.view().substr(0, kNetworkBytes)) {
    return Fail(Code::kWrongNetwork, "checkpoint_of_another_network");
  }
  CHIBO_TRY(CheckSignatures(rest, *origin_line, text, key));
  return Position{origin->stream, *size, *root};
}

}  // namespace chibo
