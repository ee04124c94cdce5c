#include "tools/verify/text.h"

#include <algorithm>

#include "base/bytes.h"
#include "tools/verify/sentences.h"

namespace chibo::verify {
namespace {

constexpr std::string_view kHelpVi =
    R"(Cách dùng: chibo-verify --dir THƯ_MỤC --network MÃ_MẠNG [lựa chọn]

Kiểm tra mọi thứ một thư mục số liệu của chibo đang giữ, chỉ dựa vào mã mạng: từng mục của từng sổ,
bản chốt sổ, giấy chứng nhận, bản ghi có chữ ký, bản sao và việc ghi nhận của cấp trên. Không ghi gì
vào thư mục. Bảng kết quả (view) không được xét: chibo rebuild lập lại nó từ những gì đã kiểm tra.

  --dir THƯ_MỤC            thư mục số liệu
  --network MÃ_MẠNG        mã mạng, 64 chữ số hệ mười sáu
  --passphrase-file TỆP    mật khẩu của máy chi bộ (dòng đầu của tệp); không có thì đọc ở tệp đang mở mà
                           CHIBO_PASSPHRASE_FD nêu, hoặc hỏi trên màn hình; không ai trả lời thì chỉ kiểm
                           tra phần không niêm phong và nói rõ phần chưa kiểm tra
  --json                   in kết quả dạng JSON trên một dòng
  --lang vi|en             ngôn ngữ; không nêu thì theo LANG
  --help                   in phần này

Mã thoát: 0 không có gì sai, 1 dùng sai, 3 số liệu hỏng (nêu sổ, mục và chỗ sai), 4 chưa kiểm tra được
hết vì thiếu mật khẩu, 5 mật khẩu không đúng, 6 không mở được.

Ví dụ:
  chibo-verify --dir huyen --network 5f0c…e1
)";
constexpr std::string_view kHelpEn =
    R"(Usage: chibo-verify --dir DIR --network ID [options]

Checks everything a data directory of chibo holds, from the network's id alone: every entry of every
stream, checkpoints, certificates, signed records, copies and register entries. Writes nothing to the
directory. The view is not looked at: chibo rebuild makes it anew from what is checked here.

  --dir DIR                the data directory
  --network ID             the network's id, 64 hexadecimal digits
  --passphrase-file FILE   pass-phrase of a cell's device (the file's first line); else the open file
                           that CHIBO_PASSPHRASE_FD names, or the terminal is asked; where nobody answers
                           only what lies unsealed is checked, and what was not is named
  --json                   print the result as JSON on one line
  --lang vi|en             language; as LANG says when not given
  --help                   print this

Exit codes: 0 nothing wrong, 1 usage, 3 damaged (stream, entry and what is wrong are named), 4 not all
could be checked without the pass-phrase, 5 wrong pass-phrase, 6 cannot be opened.

Example:
  chibo-verify --dir huyen --network 5f0c…e1
)";

struct Words {
  std::string_view stream, branch, entry, to, record, before_size, after_size;
};
constexpr Words kVi{"Sổ ", "nhánh ", "mục ", " đến ", "bản ghi ", "", " mục đầu"};
constexpr Words kEn{"Stream ", "branch ", "entry ", " to ", "record ", "first ", " entries"};

// "Stream 3f…, branch 1, entry 7 to 9, record 2", or nothing.
std::string Where(const Place& place, const Words& words) {
  std::string where;
  const auto add = [&where](const std::string& part) {
    where += where.empty() ? part : ", " + part;
  };
  if (!place.stream.empty()) {
    add(std::string(words.stream) + place.stream);
  }
  if (place.branch != 0) {
    add(std::string(words.branch) + std::to_string(place.branch));
  }
  if (place.size && !place.index) {
    add(std::string(words.before_size) + std::to_string(*place.size) +
        std::string(words.after_size));
  }
  if (place.index) {
    std::string part = std::string(words.entry) + std::to_string(*place.index);
    if (place.to && *place.to != *place.index) {
      part += std::string(words.to) + std::to_string(*place.to);
    }
    add(part);
  }
  if (place.position) {
    add(std::string(words.record) + std::to_string(*place.position));
  }
  return where;
}

// How many bytes at the start of `text` are one letter of UTF-8; 0: none is.
std::size_t LetterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool outside = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
  return overlong || outside ? 0 : size;
}

std::string Quoted(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string quoted = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t size = LetterBytes(text);
    if (size == 0) {
      quoted += "\ufffd";  // a path may hold any bytes, JSON may not
    } else if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(c);
    } else if (byte < 0x20) {
      quoted.append("\\u00").push_back(kDigits[byte >> 4]);
      quoted.push_back(kDigits[byte & 15]);
    } else {
      quoted += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return quoted + "\"";
}

std::string Field(std::string_view name, std::uint64_t value) {
  return "\"" + std::string(name) + "\":" + std::to_string(value);
}

std::string FindingJson(const Finding& finding, Language language) {
  const Place& place = finding.place;
  std::string json = "{\"stream\":";
  json += place.stream.empty() ? "null" : Quoted(place.stream);
  json += ",\"index\":" + (place.index ? std::to_string(*place.index) : "null");
  json += ",\"what\":" + Quoted(finding.what);
  json += ",\"message\":" + Quoted(Sentence(finding, language));
  if (place.branch != 0) {
    json += "," + Field("branch", place.branch);
  }
  if (place.to) {
    json += "," + Field("to", *place.to);
  }
  if (place.position) {
    json += "," + Field("position", *place.position);
  }
  if (place.size) {
    json += "," + Field("size", *place.size);
  }
  return json + "}";
}

std::string FindingsJson(const std::vector<Finding>& findings, Language language) {
  std::string json = "[";
  for (const Finding& finding : findings) {
    json += json.size() > 1 ? "," : "";
    json += FindingJson(finding, language);
  }
  return json + "]";
}

}  // namespace

Language LanguageOf(std::string_view name) {
  return name.starts_with("en") || name.starts_with("EN") ? Language::kEnglish
                                                          : Language::kVietnamese;
}

std::string HelpText(Language language) {
  return std::string(language == Language::kVietnamese ? kHelpVi : kHelpEn);
}

std::string Say(const Error& error, Language language) {
  std::string line(SentenceOf(error.reason, language));
  return error.where.empty() ? line + "." : line + " (" + error.where + ").";
}

std::string Sentence(const Finding& finding, Language language) {
  std::string sentence(SentenceOf(finding.what, language));
  if (!finding.detail.empty()) {
    sentence += " (" + finding.detail + ")";
  }
  return sentence;
}

std::string Say(const Finding& finding, Language language) {
  const std::string where = Where(finding.place, language == Language::kVietnamese ? kVi : kEn);
  return (where.empty() ? "" : where + ": ") + Sentence(finding, language) + ".";
}

std::string AsText(const Report& report, Language language) {
  const bool vi = language == Language::kVietnamese;
  std::string text;
  for (const Finding& finding : report.problems) {
    text += Say(finding, language) + "\n";
  }
  for (const Finding& finding : report.notes) {
    text += (vi ? "Lưu ý: " : "Note: ") + Say(finding, language) + "\n";
  }
  // In English the number stands behind what it counts: that reads right for one as well.
  const auto count = [&](std::uint64_t number, std::string_view in_vi, std::string_view in_en,
                         std::string_view end) {
    const std::string shown = std::to_string(number);
    const std::string_view digits = shown;
    text.append(vi ? digits : in_en).append(" ").append(vi ? in_vi : digits).append(end);
  };
  text += vi ? "Đã kiểm tra: " : "Checked: ";
  count(report.streams, "sổ", "streams", ", ");
  count(report.entries, "mục", "entries", ", ");
  count(report.records, "bản ghi", "records", ", ");
  count(report.checkpoints, "bản chốt sổ", "checkpoints", ", ");
  count(report.certificates, "giấy chứng nhận", "certificates", ".\n");
  if (report.ok()) {
    return text + (vi ? "Không thấy gì sai.\n" : "Nothing is wrong.\n");
  }
  if (report.problems.empty()) {
    return text +
           (vi ? "Chưa kiểm tra được hết: phần đã kiểm tra không thấy gì sai. Hãy đưa mật khẩu "
                 "để kiểm tra phần còn lại.\n"
               : "Not everything could be checked: nothing is wrong with what was. Give the "
                 "pass-phrase to have the rest checked.\n");
  }
  count(report.problems.size(), "chỗ sai", "Problems:", ".\n");
  return text;
}

std::string AsJson(const Report& report, Language language) {
  // Neither where not everything could be looked at.
  const std::string_view ok = report.ok() ? "true" : report.problems.empty() ? "null" : "false";
  std::string json = "{\"ok\":" + std::string(ok);
  json += "," + Field("streams", report.streams);
  json += "," + Field("entries", report.entries);
  json += "," + Field("records", report.records);
  json += "," + Field("checkpoints", report.checkpoints);
  json += "," + Field("certificates", report.certificates);
  json += ",\"problems\":" + FindingsJson(report.problems, language);
  json += ",\"notes\":" + FindingsJson(report.notes, language);
  return json + "}\n";
}

std::string AsJson(const Error& error, Language language) {
  return "{\"ok\":false,\"error\":{\"code\":" + Quoted(Name(error.code)) +
         ",\"reason\":" + Quoted(error.reason) + ",\"where\":" + Quoted(error.where) +
         ",\"message\":" + Quoted(Say(error, language)) + "}}\n";
}

}  // namespace chibo::verify
