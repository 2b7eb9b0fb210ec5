state = 상태
metric = 지표
value = 값
interval-95 = 95 % 구간
numbers = 수치 보기
popular-items = 인기 항목
running-now = 지금 실행 중
form-faults = { $count ->
   *[other] 확인이 필요한 입력란이 { $count }개 있습니다:
}
form-not-a-number = '{ $value }'은(는) 숫자가 아닙니다. 숫자를 입력하세요.
stage-train = 학습
stage-validate = 검증
stage-tune = 하이퍼파라미터 탐색
stage-evaluate = 평가
stage-refit = 모든 사용자로 학습
stage-write = 저장
stage-import = 가져오기
stage-export = 내보내기
time-left = { $time } 남음
running-more = 외 { $count }개
stage-split = 평가용 사용자 나누기
stage-blend = 모델의 부분 맞추기
