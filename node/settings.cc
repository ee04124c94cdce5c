#include "node/settings.h"

namespace chibo {
namespace {

Result<Bytes> Required(const LogStore& log, std::string_view key) {
  CHIBO_TRY_VALUE(auto value, log.Value(key));
  if (!value) {
    return Fail(Code::kNotANode, "directory_without_settings", std::string(key));
  }
  return *std::move(value);
}

template <typename Id>
Result<Id> RequiredId(const LogStore& log, std::string_view key) {
  CHIBO_TRY_VALUE(const Bytes bytes, Required(log, key));
  const auto id = Id::From(bytes);
  if (!id) {
    return Fail(Code::kDamaged, "settings_damaged", std::string(key));
  }
  return *id;
}

template <typename Id>
Result<std::optional<Id>> OptionalId(const LogStore& log, std::string_view key) {
  CHIBO_TRY_VALUE(const auto bytes, log.Value(key));
  return bytes ? Id::From(*bytes) : std::nullopt;
}

}  // namespace

Status PutSettings(const Settings& settings, LogStore& log) {
  CHIBO_TRY(log.PutValue("network", settings.network.view()));
  CHIBO_TRY(log.PutValue("network-name", settings.network_name));
  CHIBO_TRY(log.PutValue("unit", settings.unit.view()));
  CHIBO_TRY(log.PutValue("unit-code", settings.unit_code));
  CHIBO_TRY(log.PutValue("unit-name", settings.unit_name));
  CHIBO_TRY(log.PutValue("role", std::to_string(static_cast<int>(settings.role))));
  CHIBO_TRY(log.PutValue("parent-address", settings.parent_address));
  if (settings.parent) {
    CHIBO_TRY(log.PutValue("parent", settings.parent->view()));
  }
  if (settings.parent_noise) {
    CHIBO_TRY(log.PutValue("parent-noise", settings.parent_noise->view()));
  }
  return {};
}

Result<Settings> ReadSettings(const LogStore& log) {
  Settings settings;
  CHIBO_TRY_VALUE(settings.network, RequiredId<NetworkId>(log, "network"));
  CHIBO_TRY_VALUE(settings.network_name, Required(log, "network-name"));
  CHIBO_TRY_VALUE(settings.unit, RequiredId<UnitId>(log, "unit"));
  CHIBO_TRY_VALUE(settings.unit_code, Required(log, "unit-code"));
  CHIBO_TRY_VALUE(settings.unit_name, Required(log, "unit-name"));
  CHIBO_TRY_VALUE(const Bytes role, Required(log, "role"));
  const int number = role.size() == 1 ? role[0] - '0' : -1;
  if (!pb::Role_IsValid(number)) {
    return Fail(Code::kDamaged, "settings_damaged", "role");
  }
  settings.role = static_cast<pb::Role>(number);
  CHIBO_TRY_VALUE(settings.parent_address, Required(log, "parent-address"));
  CHIBO_TRY_VALUE(settings.parent, OptionalId<UnitId>(log, "parent"));
  CHIBO_TRY_VALUE(settings.parent_noise, OptionalId<DhPublicKey>(log, "parent-noise"));
  return settings;
}

}  // namespace chibo
