#include "tools/verify/sentences.h"

#include <algorithm>
#include <array>

namespace chibo::verify {
namespace {

struct Text {
  std::string_view key;
  std::string_view vi;
  std::string_view en;
};

constexpr Text kTexts[] = {
    // ---- the directory
    {"directory_not_found", "Không có thư mục này", "There is no such directory"},
    {"directory_without_store", "Thư mục này không phải thư mục số liệu của chibo",
     "This is not a data directory of chibo"},
    {"store_of_another_program", "Tệp chibo.db không phải kho lưu trữ của chibo",
     "The file chibo.db is not a store of chibo"},
    {"store_newer_format", "Thư mục do bản chương trình mới hơn ghi; hãy cài bản mới hơn",
     "Written by a newer program; install a newer one"},
    {"store_in_use",
     "Một chương trình khác đang giữ thư mục này; hãy đóng chương trình đó rồi làm lại",
     "Another program holds this directory; close it and try again"},
    {"store_unreadable", "Không đọc được kho lưu trữ; hãy kiểm tra quyền và ổ đĩa",
     "The store cannot be read; check permissions and the disk"},
    {"store_damaged", "Kho lưu trữ hỏng đến mức không mở được",
     "The store is too damaged to be opened"},
    {"out_of_memory", "Máy không đủ bộ nhớ", "Not enough memory"},
    {"key_file_newer", "Tệp khóa do bản chương trình mới hơn ghi",
     "The key file was written by a newer program"},
    {"key_file_unreadable", "Không đọc được tệp khóa", "The key file cannot be read"},
    {"passphrase_file_unreadable", "Không đọc được tệp mật khẩu",
     "The pass-phrase file cannot be read"},
    {"passphrase_descriptor_unreadable", "CHIBO_PASSPHRASE_FD phải là số của một tệp đang mở",
     "CHIBO_PASSPHRASE_FD has to be the number of an open file"},
    {"passphrase_too_long", "Mật khẩu dài quá 4.096 byte",
     "The pass-phrase is longer than 4,096 bytes"},
    {"ask_passphrase", "Mật khẩu của máy này: ", "Pass-phrase of this device: "},
    {"passphrase_empty", "Mật khẩu để trống", "The pass-phrase is empty"},
    {"passphrase_wrong", "Mật khẩu không đúng", "The pass-phrase is wrong"},
    {"option_unknown", "Không có lựa chọn này; xem --help", "There is no such option; see --help"},
    {"option_needs_value", "Lựa chọn này cần một giá trị; xem --help",
     "This option needs a value; see --help"},
    {"option_missing", "Còn thiếu một lựa chọn; xem --help", "An option is missing; see --help"},
    {"network_unreadable", "Mã mạng phải gồm 64 chữ số hệ mười sáu",
     "A network id has 64 hexadecimal digits"},
    {"language_unknown", "--lang chỉ nhận vi hoặc en", "--lang takes vi or en"},
    {"option_twice", "Một lựa chọn được nêu hai lần; hãy bỏ bớt",
     "An option stands there twice; leave one out"},
    {"output_lost", "Không in được hết kết quả; hãy kiểm tra nơi nhận rồi làm lại",
     "Not all of the result could be printed; check where it goes and try again"},
    {"device_differs", "Kho lưu trữ này là của máy khác, không phải của máy có khóa trong thư mục",
     "The store is another device's, not that of the device whose key lies in the directory"},
    {"network_differs", "Thư mục này thuộc một mạng khác", "This directory is of another network"},
    // ---- the store's books
    {"rows_unreadable", "Không đọc được bảng trong kho lưu trữ",
     "A table of the store cannot be read"},
    {"database_damaged", "Số chỗ SQLite thấy hỏng trong kho lưu trữ",
     "Places where SQLite finds the store damaged"},
    {"rows_without_stream", "Có dòng không thuộc sổ nào", "Rows that belong to no stream"},
    {"rows_without_branch", "Có dòng không thuộc nhánh nào của sổ",
     "Rows that belong to no branch of the stream"},
    {"setting_damaged", "Thông số của thư mục bị hỏng", "A setting of the directory is damaged"},
    {"setting_missing", "Thiếu một thông số của thư mục", "A setting of the directory is missing"},
    {"value_unreadable", "Không mở được một giá trị đã niêm phong", "A sealed value does not open"},
    {"registered_row_malformed", "Dòng ghi việc cấp trên đã nhận bị hỏng",
     "A row about what was received is damaged"},
    {"registered_row_unproven", "Không có bản ghi vào sổ công văn đến nào nói như dòng đã lưu",
     "No register entry says what the stored row says"},
    {"outbox_row_damaged", "Dòng chờ gửi xuống dẫn đến chỗ không có",
     "An outbox row names what is not here"},
    // ---- streams, heads, checkpoints
    {"stream_id_differs", "Mã sổ đã lưu không khớp với mục mở đầu",
     "The stored stream id does not fit the genesis"},
    {"genesis_differs", "Mục mở đầu lưu cùng sổ không khớp với mã sổ",
     "The genesis stored with the stream does not fit its id"},
    {"genesis_of_another_stream", "Mục mở đầu không khớp với mã sổ",
     "The first entry does not fit the stream's id"},
    {"genesis_of_another_network", "Mục mở đầu thuộc một mạng khác",
     "The genesis is of another network"},
    {"genesis_malformed", "Mục mở đầu không đúng quy cách", "The genesis is malformed"},
    {"genesis_misplaced", "Mục mở đầu phải là mục số 0 và chỉ ở đó",
     "A genesis stands at index 0 and only there"},
    {"secret_differs", "Khóa bí mật của sổ không khớp với cam kết trong mục mở đầu",
     "A secret of the stream does not fit the commitment in its genesis"},
    {"secret_missing", "Có nội dung nhưng thiếu khóa bí mật để kiểm tra",
     "There are contents, but the secret to check them is missing"},
    {"branch_missing", "Sổ không có nhánh chính", "The stream has no main branch"},
    {"branch_fork_misplaced", "Chỗ rẽ nhánh không thể đúng", "The place of the fork cannot be"},
    {"branch_does_not_fork", "Nhánh không khác nhánh chính ở chỗ rẽ",
     "The branch does not differ from the main one where it forks"},
    {"head_root_differs", "Phần cuối sổ đã lưu không khớp với các mục",
     "The stored head does not fit the entries"},
    {"head_signature_malformed", "Chữ ký cuối sổ và độ dài đã ký không đi với nhau",
     "The head's signature and signed size do not go together"},
    {"head_signature_bad", "Chữ ký cuối sổ không khớp", "The head's signature does not hold"},
    {"checkpoint_signature_bad", "Chữ ký trên bản chốt sổ không khớp",
     "The checkpoint's signature does not hold"},
    {"checkpoint_of_nothing", "Bản chốt sổ không gồm mục nào", "A checkpoint of no entries"},
    {"checkpoint_past_head", "Bản chốt sổ gồm nhiều mục hơn sổ có",
     "A checkpoint of more entries than there are"},
    {"checkpoints_unchecked", "Số bản chốt sổ không kiểm tra được",
     "Checkpoints that could not be checked"},
    {"entries_not_signed_yet", "Từ mục này trở đi chưa có bản chốt sổ",
     "No checkpoint covers the entries from here on yet"},
    // ---- entries
    {"entries_missing", "Thiếu mục", "Entries are missing"},
    {"entries_past_head", "Có mục nằm sau phần cuối sổ", "Entries stand past the head"},
    {"entry_misplaced", "Mục nằm sai chỗ", "The entry stands where it cannot"},
    {"entry_page_damaged", "Không đọc được mục này từ kho lưu trữ",
     "The entry cannot be read from the store"},
    {"entry_body_unreadable", "Không mở được nội dung đã niêm phong",
     "The sealed contents do not open"},
    {"entry_body_malformed", "Nội dung mục không đúng quy cách", "The entry's body is malformed"},
    {"entry_leaf_differs", "Mục không khớp với mã kiểm tra đã lưu",
     "The entry does not fit its stored hash"},
    {"entry_too_large", "Mục lớn quá mức cho phép", "The entry is too large"},
    {"entry_too_many_records", "Mục có quá nhiều bản ghi", "The entry has too many records"},
    {"header_malformed", "Phần đầu của mục không đúng quy cách", "The entry's header is malformed"},
    {"header_too_large", "Phần đầu của mục lớn quá mức cho phép",
     "The entry's header is too large"},
    {"header_slot_malformed", "Phần đầu của mục nêu loại bản ghi không thể có",
     "The entry's header names a kind of record that cannot be"},
    {"entry_of_newer_program", "Mục do bản chương trình mới hơn ghi: chưa xét bản ghi bên trong",
     "Written for a newer program: its records were not looked into"},
    {"contents_unchecked", "Số mục không kiểm tra được nội dung vì thiếu khóa bí mật đúng",
     "Entries whose contents could not be checked for want of the right secret"},
    {"sealed_unchecked",
     "Số liệu được niêm phong và không có mật khẩu: chưa kiểm tra nội dung các mục, khóa bí mật, "
     "giấy chứng nhận và các bản ghi. Đã kiểm tra mục mở đầu, thứ tự, bản chốt sổ và chữ ký của "
     "sổ",
     "The data lies sealed and there is no pass-phrase: contents of entries, secrets, certificates "
     "and records were not checked. Geneses, order, checkpoints and their signatures were"},
    // ---- records
    {"record_malformed", "Bản ghi không đúng quy cách", "The record is malformed"},
    {"record_not_canonical", "Bản ghi có chữ ký không ở dạng chuẩn",
     "The signed record is not in its canonical form"},
    {"record_signature_bad", "Chữ ký trên bản ghi không khớp",
     "The record's signature does not hold"},
    {"signer_not_entitled", "Người ký không được ký loại bản ghi này",
     "The signer may not sign such a record"},
    {"signer_not_here", "Chưa có giấy chứng nhận của người ký ở đây",
     "The signer's certificate is not here"},
    {"signer_does_not_hold", "Giấy chứng nhận của người ký không dẫn đến bộ khóa gốc",
     "The signer's certificate does not lead to the root set"},
    {"person_key_unproven", "Khóa cá nhân không có chứng minh đúng",
     "The person's key is not proven"},
    {"attestation_bad", "Chữ ký xác nhận của cá nhân không khớp",
     "A person's attesting signature does not hold"},
    {"attestor_not_here", "Chưa có khóa của người ký xác nhận ở đây",
     "The attestor's key is not here"},
    {"copy_malformed", "Bản sao không đúng quy cách", "The copy is malformed"},
    {"copy_unproven", "Bản sao không có chứng minh đúng", "The copy is not proven"},
    {"copy_differs", "Bản sao nói khác với sổ gốc ở đây",
     "The copy does not fit the stream it is of"},
    {"register_differs", "Điều đã ghi nhận khác với sổ ở đây",
     "What was registered is not what the stream here says"},
    {"register_beyond", "Cấp trên đã ghi nhận nhiều hơn phần có ở đây",
     "The register names more than is here"},
    {"predecessor_differs", "Sổ trước đó không như mục mở đầu này nêu",
     "The stream before is not as this genesis says"},
    {"predecessor_beyond", "Sổ trước đó dài hơn phần có ở đây",
     "The stream before was longer than what is here"},
    // ---- trust
    {"root_set_missing", "Không có bộ khóa gốc nào khớp với mã mạng",
     "No root set fits the network id"},
    {"root_set_does_not_follow", "Bộ khóa gốc không nối tiếp bộ trước",
     "The root set does not follow from the one before"},
    {"writer_certificate_unreadable", "Không đọc được giấy chứng nhận của máy ghi sổ",
     "The certificate of the stream's writer cannot be read"},
    {"writer_issuer_missing",
     "Không lần được giấy chứng nhận của máy ghi sổ: thiếu giấy của nơi cấp",
     "The writer's certificate cannot be traced: its issuer's is missing"},
    {"writer_not_certified", "Giấy chứng nhận của máy ghi sổ không dẫn đến bộ khóa gốc",
     "The writer's certificate does not lead to the root set"},
    {"writer_differs", "Máy ghi sổ không phải máy nêu trong giấy chứng nhận",
     "The stream's writer is not whom the certificate is for"},
};

const Text* Find(std::string_view key) {
  const auto* const found = std::find_if(std::begin(kTexts), std::end(kTexts),
                                         [key](const Text& text) { return text.key == key; });
  return found == std::end(kTexts) ? nullptr : found;
}

}  // namespace

bool HasSentence(std::string_view key) { return Find(key) != nullptr; }

std::string_view SentenceOf(std::string_view key, Language language) {
  const Text* text = Find(key);
  if (text == nullptr) {
    return key;
  }
  return language == Language::kVietnamese ? text->vi : text->en;
}

}  // namespace chibo::verify
