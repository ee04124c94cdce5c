#ifndef CHIBO_NODE_SETTINGS_H_
#define CHIBO_NODE_SETTINGS_H_

#include <optional>
#include <string>

#include "base/result.h"
#include "chibo/record.pb.h"
#include "proto/ids.h"
#include "storage/log_store.h"

namespace chibo {

// What a data directory is: kept plain in the store, so that `chibo status` needs no pass-phrase.
struct Settings {
  NetworkId network;
  std::string network_name;
  UnitId unit;
  std::string unit_code;
  std::string unit_name;
  pb::Role role = pb::ROLE_NONE;
  // Absent at the top of the network.
  std::optional<UnitId> parent;
  std::optional<DhPublicKey> parent_noise;
  std::string parent_address;  // host:port; may be empty

  bool is_server() const { return role == pb::SERVER; }
};

Status PutSettings(const Settings& settings, LogStore& log);
// kNotANode when there are none.
Result<Settings> ReadSettings(const LogStore& log);

}  // namespace chibo

#endif  // CHIBO_NODE_SETTINGS_H_
