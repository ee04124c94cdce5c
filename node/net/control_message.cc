#include "node/net/control_message.h"

#include <iterator>

#include "base/error_code.h"

namespace chibo {
namespace {

void Put(Bytes& out, ByteView bytes) {
  AppendU64(out, bytes.size());
  out.append(bytes);
}

template <typename Items>
void PutAll(Bytes& out, const Items& items) {
  AppendU64(out, items.size());
  for (const auto& item : items) {
    if constexpr (requires { item.second; }) {
      Put(out, item.first);
      Put(out, item.second);
    } else {
      Put(out, item);
    }
  }
}

// Takes what Put wrote; `good` turns false when there is less.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  std::uint64_t Number() {
    const auto bytes = chibo::Take(in_, 8);
    good = good && bytes;
    return bytes ? ReadU64(*bytes) : 0;
  }
  Bytes One() {
    const std::uint64_t size = Number();
    const auto bytes = size <= in_.size() ? chibo::Take(in_, size) : std::nullopt;
    good = good && bytes;
    return Bytes(bytes.value_or(ByteView()));
  }
  std::vector<std::string> List() {
    std::vector<std::string> all;
    for (std::uint64_t left = Number(); good && left > 0; --left) {
      all.push_back(One());
    }
    return all;
  }
  std::vector<std::pair<std::string, Bytes>> Pairs() {
    std::vector<std::pair<std::string, Bytes>> all;
    for (std::uint64_t left = Number(); good && left > 0; --left) {
      std::string name = One();
      all.emplace_back(std::move(name), One());
    }
    return all;
  }
  std::map<std::string, Bytes> Map() {
    auto pairs = Pairs();
    return {std::make_move_iterator(pairs.begin()), std::make_move_iterator(pairs.end())};
  }

  bool good = true;

 private:
  ByteView in_;
};

}  // namespace

Bytes Encode(const ControlRequest& request) {
  Bytes out;
  PutAll(out, request.words);
  Put(out, request.language);
  PutAll(out, request.passphrases);
  PutAll(out, request.inputs);
  return out;
}

Result<ControlRequest> DecodeRequest(ByteView bytes) {
  Reader in(bytes);
  ControlRequest request;
  request.words = in.List();
  request.language = in.One();
  request.passphrases = in.Map();
  request.inputs = in.Map();
  if (!in.good) {
    return Fail(Code::kMalformed, "control_message_unreadable");
  }
  return request;
}

Bytes Encode(const ControlAnswer& answer) {
  Bytes out;
  Put(out, answer.json);
  PutAll(out, answer.lines);
  PutAll(out, answer.notes);
  PutAll(out, answer.files);
  AppendU64(out, answer.code);
  Put(out, answer.reason);
  Put(out, answer.where);
  return out;
}

Result<ControlAnswer> DecodeAnswer(ByteView bytes) {
  Reader in(bytes);
  ControlAnswer answer;
  answer.json = in.One();
  answer.lines = in.List();
  answer.notes = in.List();
  answer.files = in.Pairs();
  const std::uint64_t code = in.Number();
  answer.code = static_cast<std::uint16_t>(code);
  answer.reason = in.One();
  answer.where = in.One();
  if (!in.good || (code != 0 && !CodeFromNumber(code))) {
    return Fail(Code::kMalformed, "control_message_unreadable");
  }
  return answer;
}

}  // namespace chibo
