#ifndef CHIBO_NODE_NET_CONTROL_MESSAGE_H_
#define CHIBO_NODE_NET_CONTROL_MESSAGE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// What is said over a control socket (control_socket.h). Both programs are of one version: what
// they say is not kept.
namespace chibo {

struct ControlRequest {
  std::vector<std::string> words;            // as typed
  std::string language;                      // of the sentences
  std::map<std::string, Bytes> passphrases;  // by key, "" for all others; wiped by who made it
  std::map<std::string, Bytes> inputs;       // contents of input files, by path as typed
};

struct ControlAnswer {
  std::string json;
  std::vector<std::string> lines;
  std::vector<std::string> notes;
  std::vector<std::pair<std::string, Bytes>> files;
  // The error, when there is one: its code's number, key and place.
  std::uint16_t code = 0;
  std::string reason;
  std::string where;
};

Bytes Encode(const ControlRequest& request);
Bytes Encode(const ControlAnswer& answer);
// kMalformed "control_message_unreadable".
Result<ControlRequest> DecodeRequest(ByteView bytes);
Result<ControlAnswer> DecodeAnswer(ByteView bytes);

}  // namespace chibo

#endif  // CHIBO_NODE_NET_CONTROL_MESSAGE_H_
