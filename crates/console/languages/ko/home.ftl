home-empty = 아직 아무것도 없습니다. 데이터세트 그룹은 한 상점이나 사이트의 데이터와 그 데이터로 학습한 모든 것을 담습니다.
home-steps = 데이터에서 추천까지: { $group }
home-group = 데이터세트 그룹
home-groups = 데이터세트 그룹
home-domain = 도메인
home-domain-none = 없음 (사용자 지정 레시피)
home-domain-help = 도메인을 고르면 사용자 지정 레시피와 함께 준비된 사용 사례를 쓸 수 있습니다.
home-create = 데이터세트 그룹 만들기
home-datasets = { $count ->
    [0] 데이터 없음
   *[other] 데이터세트 { $count }개
}
home-campaigns = { $count ->
    [0] 활성 캠페인 없음
   *[other] 활성 캠페인 { $count }개
}
home-add-data = 데이터 추가
home-see-data = 데이터 보기
home-see-training = 솔루션 보기
home-see-campaigns = 캠페인 보기
home-needs-data = 먼저 데이터를 추가하세요.
home-needs-version = 먼저 솔루션 버전을 학습하세요.
home-needs-campaign = 먼저 캠페인을 만드세요.
home-user = 사용자 { $user }
home-beats = 인기 항목보다 낫고, 그 차이가 오차보다 큼
home-beats-not = 인기 항목보다 낫다고 할 수 없음 (오차 범위)
home-failed = 최근 7일 동안 실패한 작업
failed-training = 학습
failed-import = 가져오기
failed-campaign = 캠페인
failed-see-training = 학습과 설정 보기
failed-see-data = 데이터에 부족한 점 보기
failed-see-import = 가져오기 작업 보기
failed-dismiss = 숨기기
home-rows = 행 { $rows }개
traffic-title = 최근 1시간의 트래픽
traffic-none = 최근 1시간 동안 추천 요청이나 이벤트가 없었습니다.
traffic-help = 선은 최근 1시간을 분 단위로, 숫자는 최근 1분을 나타냅니다. 이 콘솔의 요청은 세지 않습니다.
traffic-requests = 초당 요청
traffic-p95 = 요청의 95 %가 응답된 시간
traffic-ms = { $ms }밀리초
traffic-errors = 오류
traffic-events = 초당 이벤트
home-users = 사용자
home-items = 항목
home-interactions = 상호작용
home-last-event = 마지막 이벤트
home-campaign-count = 캠페인
