menu-operate = 운영
operate-traffic = 요청
operate-events = 이벤트
operate-jobs = 작업
operate-store = 스토리지
operate-log = 로그
operate-window = 기간
operate-10m = 최근 10분
operate-1h = 최근 1시간
operate-24h = 최근 24시간
operate-by = 행 기준
operate-by-operation = 작업 이름
operate-by-campaign = 캠페인
operate-requests = 요청 수
operate-rate = 초당 요청
operate-p50 = p50
operate-p95 = p95
operate-p99 = p99
operate-4xx = 4xx
operate-5xx = 5xx
operate-model = 모델 응답
operate-cold-start = 콜드 스타트
operate-prepared = 미리 준비된 목록
operate-quiet = 이 기간에는 요청이 없었습니다. 콘솔 자체의 호출은 세지 않습니다.
operate-others = 나머지 전체
operate-picture-title = 초당 요청
operate-picture = 시간에 따른 초당 요청 수입니다. 요청이 많은 것부터 아래에 쌓입니다.
operate-minutes = 현재 기준 분
operate-table = 같은 내용을 표로 나타낸 것입니다. 백분위수는 구간이 두 배씩 커지는 히스토그램에서 구하며, 32를 넘는 수는 3 % 이내로 정확합니다.
operate-more = { $count ->
    [one] 1개가 더 있습니다.
   *[other] { $count }개가 더 있습니다.
}
operate-refused-title = 시작 이후 제한에 걸려 거부된 요청
operate-refused-lists = 목록을 계산할 차례를 얻지 못함
operate-refused-keys = 액세스 키의 요청이 너무 많음
operate-refused-connections = 한 주소의 연결이 너무 많음
operate-refused-none = 서버가 시작된 뒤 제한에 걸려 거부된 요청이 없습니다.
operate-waiting = 지금 차례를 기다리는 요청: { $count }
operate-limit = 제한
operate-of = 대상
operate-refused-count = 거부
operate-elsewhere = 다른 프로그램용
operate-dashboard = Grafana 대시보드 (JSON)
operate-alerts = Prometheus 알림 규칙 (YAML)
operate-elsewhere-help = 이 페이지의 숫자는 /metrics의 숫자와 같습니다. /metrics에는 토큰이 필요할 수 있습니다.
operate-trackers = 이벤트 트래커별 이벤트
operate-trackers-none = 아직 이벤트 트래커가 없습니다. 데이터 세트 그룹의 배포 페이지에서 만들 수 있습니다.
operate-tracker = 이벤트 트래커
operate-group = 데이터 세트 그룹
operate-last-minute = 최근 1분
operate-last-hour = 최근 1시간
operate-by-minute = 분 단위
operate-refusals = 거부된 호출
operate-refusals-none = 서버가 시작된 뒤 이벤트나 행을 보낸 호출이 거부된 적이 없습니다.
operate-target = 호출
operate-reason = 이유
operate-calls = 호출 수
operate-last = 마지막
operate-clocks = 보낸 쪽과 그 시계
operate-clocks-help = 이벤트의 시각은 1970년부터 지난 초로 보내야 합니다. 서버가 시작된 뒤의 수를 액세스 키별로 셉니다. 이 콘솔의 이벤트는 세지 않습니다.
operate-odd-times = 밀리초로 온 이벤트: { $milliseconds }, 1970년 시각의 이벤트: { $year }.
operate-senders-none = 서버가 시작된 뒤 이벤트를 보낸 액세스 키가 없습니다.
operate-key = 액세스 키
operate-milliseconds = 밀리초
operate-1970 = 1970년
operate-ahead = 5분 넘게 빠름
operate-behind = 5분 넘게 느림
operate-judgement = 시계
operate-clock-wrong = ▲ 확인 필요
operate-clock-right = ● 정상
operate-kinds = 종류별 작업
operate-kinds-help = 실행 수는 서버가 시작된 뒤의 수이며, 시간은 종류마다 최근 { $count }번의 실행에서 구합니다.
operate-kind = 종류
operate-waiting-jobs = 대기
operate-running-jobs = 실행 중
operate-completed = 완료
operate-failed = 실패
operate-retried = 재시도
operate-stopped = 중지
operate-median = 중앙값
operate-longest = 최장
operate-ended = 최근에 끝난 실행
operate-ended-none = 서버가 시작된 뒤 끝난 작업이 없습니다.
operate-resource = 리소스
operate-outcome = 결과
operate-took = 걸린 시간
operate-disk-free = 디스크 여유 공간
operate-disk-size = 디스크 크기
operate-memory = 사용 중인 메모리
operate-memory-limit = 메모리 한도
operate-datasets = 가져온 데이터
operate-dataset = 데이터 세트
operate-models = 사용 중인 모델
operate-buckets = 버킷
operate-bucket = 버킷
operate-bytes = 크기
operate-nothing-there = 아직 아무것도 없습니다.
operate-unused = 배포되지 않은 버전
operate-unused-none = 모든 솔루션 버전이 배포되어 있거나, 버전이 없습니다.
operate-unused-sum = { $count ->
    [one] 배포되지 않은 버전이 1개 있고, 모델 크기는 { $bytes }입니다.
   *[other] 배포되지 않은 버전이 { $count }개 있고, 모델 크기는 모두 { $bytes }입니다.
}
operate-unused-table = 오래된 것부터
operate-version = 솔루션 / 버전
operate-made = 만든 시각
operate-delete = { $count ->
    [one] 쓰지 않는 솔루션 삭제 …
   *[other] 쓰지 않는 솔루션 삭제 ({ $count }) …
}
operate-delete-sure = API는 버전을 솔루션과 함께 삭제합니다. 이 솔루션들로 응답하는 캠페인은 없습니다. 모든 버전과 함께 삭제할 솔루션을 고르세요. 되돌릴 수 없습니다.
operate-delete-versions = { $count ->
    [one] 버전 1개, { $bytes }
   *[other] 버전 { $count }개, { $bytes }
}
operate-delete-now = 고른 솔루션 삭제
operate-delete-none = 고른 솔루션이 없어 아무것도 삭제하지 않았습니다.
operate-deleted = { $count ->
    [one] 솔루션 1개를 삭제하는 중입니다.
   *[other] 솔루션 { $count }개를 삭제하는 중입니다.
}
operate-level = 최소 수준
operate-all-levels = 전체
operate-log-search = 텍스트 또는 요청 ID
operate-log-find = 찾기
operate-log-none = 로그에 해당하는 줄이 없습니다.
operate-log-help = 서버가 시작된 뒤의 마지막 500줄이며 최신 줄이 먼저 나옵니다. 어떤 줄을 남길지는 log.level로 정합니다.
operate-pause = 일시 중지
operate-go-live = 실시간
operate-live-help = 최신 { $count }줄을 들어오는 대로 보여 줍니다. 일시 중지하면 전체를 볼 수 있습니다.
