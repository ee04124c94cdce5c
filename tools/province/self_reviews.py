"""Sentences of self-reviews and opinions."""

POLITICS = [
    'Bản thân luôn chấp hành đường lối của Đảng, tham gia đầy đủ các đợt học tập.',
    'Tôi giữ vững lập trường, không nói và làm trái nghị quyết.',
    'Trong năm tôi dự {n} buổi học tập và viết thu hoạch đúng hạn.',
    'Tôi tuyên truyền, vận động gia đình thực hiện tốt quy định nơi cư trú.',
    'Tôi tham gia sinh hoạt đều, chỉ vắng {n} buổi và đều xin phép.',
    'Gia đình tôi giữ danh hiệu gia đình văn hóa, con cái chấp hành pháp luật.',
]

WORK = {
    'village': [
        'Tôi phụ trách {n} hộ ở ngõ trên, các hộ đều đóng góp đủ và không vi phạm.',
        'Làm kinh tế vườn ao cho thu khoảng {m} triệu đồng, giúp vốn và giống cho {n} hộ khác.',
        'Tham gia tổ giám sát cộng đồng công trình đường thôn, phát hiện và yêu cầu sửa {n} lỗi.',
        'Vận động bà con dồn đổi thửa, chuyển {m} sào sang trồng rau màu.',
        'Cùng chi hội cựu chiến binh trực an toàn giao thông ngày lễ.',
        'Tuổi cao nhưng tôi vẫn dự họp, góp ý bằng kinh nghiệm của mình.',
        'Giữ gìn an ninh trật tự trong xóm, hòa giải thành {n} vụ việc nhỏ.',
    ],
    'school': [
        'Chất lượng lớp tôi dạy tăng, học sinh đạt yêu cầu {p}%.',
        'Hoàn thành {n} chuyên đề tổ, dạy thể nghiệm được đồng nghiệp đánh giá tốt.',
        'Bồi dưỡng học sinh giỏi có {n} em đạt giải cấp huyện.',
        'Làm công tác chủ nhiệm, giữ được sĩ số và liên lạc thường xuyên với phụ huynh.',
        'Tự làm {n} bộ đồ dùng dạy học từ vật liệu sẵn có.',
        'Tham gia tập huấn chương trình mới, chia sẻ lại cho tổ.',
    ],
    'health': [
        'Tôi khám và điều trị khoảng {m} lượt mỗi tháng, không để xảy ra sai sót chuyên môn.',
        'Trực đủ ca, sẵn sàng đổi ca giúp đồng nghiệp khi cần.',
        'Phụ trách chương trình tiêm chủng, đạt {p}% kế hoạch.',
        'Tham gia đoàn khám lưu động tại {n} điểm, tư vấn cho người cao tuổi.',
        'Ghi chép hồ sơ bệnh án kịp thời hơn năm trước.',
    ],
    'office': [
        'Tham mưu {n} văn bản, phần lớn được lãnh đạo thông qua từ lần trình đầu.',
        'Hoàn thành {p}% công việc đúng hạn, không có hồ sơ trả lại do lỗi của mình.',
        'Đề xuất cách làm mới trong theo dõi báo cáo, rút ngắn {n} ngày.',
        'Đi cơ sở {n} đợt, giải đáp trực tiếp các vướng mắc.',
        'Phối hợp tốt với các phòng trong xử lý việc đột xuất.',
        'Quản lý tài sản, tài liệu được giao không thất lạc.',
    ],
    'business': [
        'Hoàn thành định mức {p}%, sản phẩm hỏng dưới mức cho phép.',
        'Đóng góp {n} sáng kiến được áp dụng tại tổ.',
        'Kèm cặp {n} công nhân mới, nay đã làm việc độc lập.',
        'Giữ an toàn lao động, không vi phạm nội quy.',
        'Chăm sóc khách hàng, giữ được {m} hợp đồng dài hạn.',
    ],
}

# (shortcoming, cause)
FAULTS = [
    ('Phát biểu trong sinh hoạt chi bộ còn ít', 'Ngại va chạm, chuẩn bị chưa kỹ'),
    ('Có lúc chậm báo cáo kết quả việc được giao', 'Chưa sắp xếp thời gian hợp lý'),
    ('Tự học chưa thường xuyên, ứng dụng công nghệ còn lúng túng', 'Ít luyện tập'),
    ('Đôi khi nóng vội khi góp ý với đồng chí khác', 'Chưa lựa cách nói phù hợp'),
    ('Công tác vận động quần chúng ở khu mình phụ trách chưa sâu', 'Ít gặp gỡ trực tiếp'),
    ('Theo dõi, đôn đốc sau cuộc họp chưa sát', 'Còn trông chờ vào người khác nhắc'),
    ('Ghi chép, lưu giữ tài liệu còn thiếu ngăn nắp', 'Chủ quan'),
    ('Chưa mạnh dạn đề xuất cách làm mới', 'Sợ sai, thiếu thông tin'),
    ('Tham gia phong trào chung chưa đều', 'Bận việc gia đình trong quý ba'),
    ('Giúp đỡ quần chúng vào Đảng chưa có kết quả', 'Chưa theo dõi liên tục'),
]

PLAN = [
    'Sang năm tôi đăng ký phát biểu ít nhất một ý kiến trong mỗi kỳ họp.',
    'Tôi lập lịch việc theo tuần và tự kiểm tra vào chiều thứ sáu.',
    'Tôi sẽ học thêm về máy tính vào buổi tối, nhờ đồng chí trẻ kèm.',
    'Mỗi tháng tôi đến thăm ít nhất hai hộ mình phụ trách.',
    'Tôi nhận giúp một quần chúng ưu tú hoàn thành hồ sơ trong quý hai.',
    'Tôi sẽ báo cáo kết quả khắc phục tại kỳ sinh hoạt tháng sáu.',
]

REMEDIED = [
    'Hạn chế nêu năm trước về giờ giấc đã khắc phục.',
    'Việc chậm nộp thu hoạch năm trước không lặp lại.',
    'Đã sửa việc ghi sổ không đầy đủ, chi ủy kiểm tra xác nhận.',
    '',
    '',
]

OPINIONS = [
    'Nhiệt tình với phong trào, nói đi đôi với làm, được hội viên tin cậy.',
    'Hoàn thành việc được phân công; nên chủ động trao đổi hơn với anh chị em.',
    'Gia đình chấp hành tốt quy định nơi cư trú, tham gia đóng góp đầy đủ.',
    'Sống hòa nhã, có trách nhiệm; còn ít tham gia các buổi lao động chung.',
    'Có tinh thần giúp đỡ người mới, chia sẻ kinh nghiệm chuyên môn.',
    'Chấp hành nghiêm nội quy, thẳng thắn góp ý; đôi lúc còn nóng.',
]

COLLECTIVE = [
    'Tập thể giữ nguyên tắc tập trung dân chủ, quy chế làm việc được thực hiện nghiêm.',
    'Các chỉ tiêu chủ yếu đạt {p}% kế hoạch, trong đó {n} chỉ tiêu vượt.',
    'Công tác cán bộ đúng quy trình, công khai; chưa có khiếu nại.',
    'Kiểm tra, giám sát {n} cuộc; việc theo dõi sau kết luận còn chậm ở một số nơi.',
    'Kết nạp được {n} đảng viên mới trong năm.',
    'Phân công phụ trách địa bàn rõ, song có lúc chưa sát cơ sở.',
    'Đơn thư của công dân giải quyết đúng hạn {p}%.',
    'Xây dựng cơ sở vật chất hoàn thành {n} công trình từ nguồn ngân sách và đóng góp.',
]

COLLECTIVE_FAULTS = [
    ('Một số nghị quyết chậm được cụ thể hóa', 'Phân công chưa rõ đầu mối'),
    ('Công tác phát triển đảng viên trong thanh niên còn thấp', 'Thanh niên đi làm xa nhiều'),
    ('Giải phóng mặt bằng một dự án kéo dài', 'Vận động chưa kiên trì'),
    ('Kiểm tra việc thực hiện kết luận chưa thường xuyên', 'Cán bộ kiêm nhiệm nhiều việc'),
]
