#ifndef CHIBO_NODE_CLI_JSON_H_
#define CHIBO_NODE_CLI_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

// For .cc files of this folder only: the library is slow to compile.
namespace chibo {

using Json = nlohmann::ordered_json;

// On one line; bytes that are no UTF-8 come out as U+FFFD.
inline std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_JSON_H_
