#ifndef CHIBO_NODE_CLI_COMMANDS_H_
#define CHIBO_NODE_CLI_COMMANDS_H_

#include <vector>

#include "node/cli/command.h"

// One function for each file of commands: appends what it knows.
namespace chibo {

void AddNetworkCommands(std::vector<CommandSpec>& all);
void AddUnitCommands(std::vector<CommandSpec>& all);
void AddEnrolmentCommands(std::vector<CommandSpec>& all);
void AddDeviceCommands(std::vector<CommandSpec>& all);
void AddKeyCommands(std::vector<CommandSpec>& all);
void AddMemberCommands(std::vector<CommandSpec>& all);
void AddRecordCommands(std::vector<CommandSpec>& all);
void AddTypedRecordCommands(std::vector<CommandSpec>& all);
void AddSyncCommands(std::vector<CommandSpec>& all);
void AddServeCommand(std::vector<CommandSpec>& all);
void AddStatusCommand(std::vector<CommandSpec>& all);
void AddCaseCommands(std::vector<CommandSpec>& all);
void AddDecideCommand(std::vector<CommandSpec>& all);
void AddForkCommands(std::vector<CommandSpec>& all);
void AddRulesCommand(std::vector<CommandSpec>& all);
void AddReportCommand(std::vector<CommandSpec>& all);
void AddLogCommands(std::vector<CommandSpec>& all);
void AddBackupCommands(std::vector<CommandSpec>& all);
void AddRebuildCommand(std::vector<CommandSpec>& all);
void AddRepairCommand(std::vector<CommandSpec>& all);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_COMMANDS_H_
