{{ videos_by_status('claim_status') }}
