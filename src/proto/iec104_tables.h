/*
 * iec104_tables.h - the type identifications of IEC 60870-5-101/-104 and the
 * layout of their information elements (60870-5-101 clause 7.3, 60870-5-104
 * clause 8, 60870-5-7 for types 41 and 81 to 95).  Of iec104.c and iec101.c.
 */
#ifndef PROTO_IEC104_TABLES_H
#define PROTO_IEC104_TABLES_H

#include "proto.h"

/* How the element reads; the letters are the standard's. */
enum form {
	FORM_NONE, /* type without elements we read: see `opaque` */
	FORM_SIQ, /* single point with quality */
	FORM_DIQ, /* double point with quality */
	FORM_VTI, /* step position, QDS */
	FORM_BSI, /* 32 bits, QDS */
	FORM_NVA, /* normalised, QDS */
	FORM_NVA_BARE, /* normalised without quality */
	FORM_SVA, /* scaled, QDS */
	FORM_R32, /* short float, QDS */
	FORM_BCR, /* integrated total with sequence notation */
	FORM_SEP, /* event of protection equipment, CP16 */
	FORM_SPE, /* start events, QDP, CP16 */
	FORM_OCI, /* output circuit information, QDP, CP16 */
	FORM_SCD, /* 16 points with change detection, QDS */
	FORM_SCO, /* commands */
	FORM_DCO,
	FORM_RCO,
	FORM_SET_NVA, /* set-points, QOS */
	FORM_SET_SVA,
	FORM_SET_R32,
	FORM_SET_BSI,
	FORM_COI, /* cause of initialisation */
	FORM_QOI, /* interrogation */
	FORM_QCC, /* counter interrogation */
	FORM_CLOCK, /* CP56 is the element itself */
	FORM_FBP, /* test pattern, counter */
	FORM_QRP, /* reset process */
	FORM_CP16, /* delay */
	FORM_PAR_NVA, /* parameters, QPM */
	FORM_PAR_SVA,
	FORM_PAR_R32,
	FORM_QPA, /* parameter activation */
	FORM_FILE, /* name of file, section, rest by type */
	FORM_DIR, /* directory entry */
	FORM_EMPTY, /* read command: no element */
	FORM_OPAQUE, /* security extensions: not read */
};

struct layout {
	uint8_t form; /* enum form */
	uint8_t size; /* bytes of one element, without its time tag */
	uint8_t time; /* bytes of the time tag: 0, 3, 7 */
};

#define TYPE_READ 102u
#define TYPE_MAX 128u

static const struct layout layouts[TYPE_MAX] = {
	[1] = { FORM_SIQ, 1, 0 },
	[2] = { FORM_SIQ, 1, 3 },
	[3] = { FORM_DIQ, 1, 0 },
	[4] = { FORM_DIQ, 1, 3 },
	[5] = { FORM_VTI, 2, 0 },
	[6] = { FORM_VTI, 2, 3 },
	[7] = { FORM_BSI, 5, 0 },
	[8] = { FORM_BSI, 5, 3 },
	[9] = { FORM_NVA, 3, 0 },
	[10] = { FORM_NVA, 3, 3 },
	[11] = { FORM_SVA, 3, 0 },
	[12] = { FORM_SVA, 3, 3 },
	[13] = { FORM_R32, 5, 0 },
	[14] = { FORM_R32, 5, 3 },
	[15] = { FORM_BCR, 5, 0 },
	[16] = { FORM_BCR, 5, 3 },
	[17] = { FORM_SEP, 3, 3 },
	[18] = { FORM_SPE, 4, 3 },
	[19] = { FORM_OCI, 4, 3 },
	[20] = { FORM_SCD, 5, 0 },
	[21] = { FORM_NVA_BARE, 2, 0 },
	[30] = { FORM_SIQ, 1, 7 },
	[31] = { FORM_DIQ, 1, 7 },
	[32] = { FORM_VTI, 2, 7 },
	[33] = { FORM_BSI, 5, 7 },
	[34] = { FORM_NVA, 3, 7 },
	[35] = { FORM_SVA, 3, 7 },
	[36] = { FORM_R32, 5, 7 },
	[37] = { FORM_BCR, 5, 7 },
	[38] = { FORM_SEP, 3, 7 },
	[39] = { FORM_SPE, 4, 7 },
	[40] = { FORM_OCI, 4, 7 },
	[41] = { FORM_OPAQUE, 0, 0 },
	[45] = { FORM_SCO, 1, 0 },
	[46] = { FORM_DCO, 1, 0 },
	[47] = { FORM_RCO, 1, 0 },
	[48] = { FORM_SET_NVA, 3, 0 },
	[49] = { FORM_SET_SVA, 3, 0 },
	[50] = { FORM_SET_R32, 5, 0 },
	[51] = { FORM_SET_BSI, 4, 0 },
	[58] = { FORM_SCO, 1, 7 },
	[59] = { FORM_DCO, 1, 7 },
	[60] = { FORM_RCO, 1, 7 },
	[61] = { FORM_SET_NVA, 3, 7 },
	[62] = { FORM_SET_SVA, 3, 7 },
	[63] = { FORM_SET_R32, 5, 7 },
	[64] = { FORM_SET_BSI, 4, 7 },
	[70] = { FORM_COI, 1, 0 },
	[81] = { FORM_OPAQUE, 0, 0 },
	[82] = { FORM_OPAQUE, 0, 0 },
	[83] = { FORM_OPAQUE, 0, 0 },
	[84] = { FORM_OPAQUE, 0, 0 },
	[85] = { FORM_OPAQUE, 0, 0 },
	[86] = { FORM_OPAQUE, 0, 0 },
	[87] = { FORM_OPAQUE, 0, 0 },
	[90] = { FORM_OPAQUE, 0, 0 },
	[91] = { FORM_OPAQUE, 0, 0 },
	[92] = { FORM_OPAQUE, 0, 0 },
	[93] = { FORM_OPAQUE, 0, 0 },
	[94] = { FORM_OPAQUE, 0, 0 },
	[95] = { FORM_OPAQUE, 0, 0 },
	[100] = { FORM_QOI, 1, 0 },
	[101] = { FORM_QCC, 1, 0 },
	[102] = { FORM_EMPTY, 0, 0 },
	[103] = { FORM_CLOCK, 0, 7 },
	[104] = { FORM_FBP, 2, 0 },
	[105] = { FORM_QRP, 1, 0 },
	[106] = { FORM_CP16, 2, 0 },
	[107] = { FORM_FBP, 2, 7 },
	[110] = { FORM_PAR_NVA, 3, 0 },
	[111] = { FORM_PAR_SVA, 3, 0 },
	[112] = { FORM_PAR_R32, 5, 0 },
	[113] = { FORM_QPA, 1, 0 },
	[120] = { FORM_FILE, 6, 0 },
	[121] = { FORM_FILE, 7, 0 },
	[122] = { FORM_FILE, 4, 0 },
	[123] = { FORM_FILE, 5, 0 },
	[124] = { FORM_FILE, 4, 0 },
	[125] = { FORM_FILE, 4, 0 }, /* and the segment */
	[126] = { FORM_DIR, 6, 7 },
	[127] = { FORM_FILE, 16, 0 },
};

/* U format, op 256 + first control octet; the ASDU's type otherwise. */
#define OP_U 0x100u

static const struct proto_op ops[] = {
	{ 1, FACT_REPORT, RISK_NONE, "m_sp_na single point" },
	{ 2, FACT_REPORT, RISK_NONE, "m_sp_ta single point, time" },
	{ 3, FACT_REPORT, RISK_NONE, "m_dp_na double point" },
	{ 4, FACT_REPORT, RISK_NONE, "m_dp_ta double point, time" },
	{ 5, FACT_REPORT, RISK_NONE, "m_st_na step position" },
	{ 6, FACT_REPORT, RISK_NONE, "m_st_ta step position, time" },
	{ 7, FACT_REPORT, RISK_NONE, "m_bo_na bitstring" },
	{ 8, FACT_REPORT, RISK_NONE, "m_bo_ta bitstring, time" },
	{ 9, FACT_REPORT, RISK_NONE, "m_me_na normalised value" },
	{ 10, FACT_REPORT, RISK_NONE, "m_me_ta normalised value, time" },
	{ 11, FACT_REPORT, RISK_NONE, "m_me_nb scaled value" },
	{ 12, FACT_REPORT, RISK_NONE, "m_me_tb scaled value, time" },
	{ 13, FACT_REPORT, RISK_NONE, "m_me_nc short float" },
	{ 14, FACT_REPORT, RISK_NONE, "m_me_tc short float, time" },
	{ 15, FACT_REPORT, RISK_NONE, "m_it_na integrated totals" },
	{ 16, FACT_REPORT, RISK_NONE, "m_it_ta integrated totals, time" },
	{ 17, FACT_REPORT, RISK_NONE, "m_ep_ta protection event" },
	{ 18, FACT_REPORT, RISK_NONE, "m_ep_tb protection start events" },
	{ 19, FACT_REPORT, RISK_NONE, "m_ep_tc protection output circuit" },
	{ 20, FACT_REPORT, RISK_NONE, "m_ps_na packed single points" },
	{ 21, FACT_REPORT, RISK_NONE, "m_me_nd normalised without quality" },
	{ 30, FACT_REPORT, RISK_NONE, "m_sp_tb single point, cp56" },
	{ 31, FACT_REPORT, RISK_NONE, "m_dp_tb double point, cp56" },
	{ 32, FACT_REPORT, RISK_NONE, "m_st_tb step position, cp56" },
	{ 33, FACT_REPORT, RISK_NONE, "m_bo_tb bitstring, cp56" },
	{ 34, FACT_REPORT, RISK_NONE, "m_me_td normalised value, cp56" },
	{ 35, FACT_REPORT, RISK_NONE, "m_me_te scaled value, cp56" },
	{ 36, FACT_REPORT, RISK_NONE, "m_me_tf short float, cp56" },
	{ 37, FACT_REPORT, RISK_NONE, "m_it_tb integrated totals, cp56" },
	{ 38, FACT_REPORT, RISK_NONE, "m_ep_td protection event, cp56" },
	{ 39, FACT_REPORT, RISK_NONE, "m_ep_te protection start, cp56" },
	{ 40, FACT_REPORT, RISK_NONE, "m_ep_tf protection output, cp56" },
	{ 41, FACT_REPORT, RISK_NONE, "s_it_tc security statistics" },
	{ 45, FACT_CONTROL, RISK_CONTROL, "c_sc_na single command" },
	{ 46, FACT_CONTROL, RISK_CONTROL, "c_dc_na double command" },
	{ 47, FACT_CONTROL, RISK_CONTROL, "c_rc_na regulating step" },
	{ 48, FACT_CONTROL, RISK_WRITE, "c_se_na set-point normalised" },
	{ 49, FACT_CONTROL, RISK_WRITE, "c_se_nb set-point scaled" },
	{ 50, FACT_CONTROL, RISK_WRITE, "c_se_nc set-point float" },
	{ 51, FACT_CONTROL, RISK_WRITE, "c_bo_na bitstring command" },
	{ 58, FACT_CONTROL, RISK_CONTROL, "c_sc_ta single command, cp56" },
	{ 59, FACT_CONTROL, RISK_CONTROL, "c_dc_ta double command, cp56" },
	{ 60, FACT_CONTROL, RISK_CONTROL, "c_rc_ta regulating step, cp56" },
	{ 61, FACT_CONTROL, RISK_WRITE, "c_se_ta set-point normalised, cp56" },
	{ 62, FACT_CONTROL, RISK_WRITE, "c_se_tb set-point scaled, cp56" },
	{ 63, FACT_CONTROL, RISK_WRITE, "c_se_tc set-point float, cp56" },
	{ 64, FACT_CONTROL, RISK_WRITE, "c_bo_ta bitstring command, cp56" },
	{ 70, FACT_REPORT, RISK_NONE, "m_ei_na end of initialisation" },
	{ 81, FACT_LOGIN, RISK_NONE, "s_ch_na authentication challenge" },
	{ 82, FACT_LOGIN, RISK_NONE, "s_rp_na authentication reply" },
	{ 83, FACT_LOGIN, RISK_NONE, "s_ar_na aggressive mode request" },
	{ 84, FACT_LOGIN, RISK_NONE, "s_kr_na session key status request" },
	{ 85, FACT_LOGIN, RISK_NONE, "s_ks_na session key status" },
	{ 86, FACT_LOGIN, RISK_SECURITY, "s_kc_na session key change" },
	{ 87, FACT_LOGIN, RISK_NONE, "s_er_na authentication error" },
	{ 90, FACT_CONFIG, RISK_SECURITY, "s_us_na user status change" },
	{ 91, FACT_CONFIG, RISK_SECURITY, "s_uq_na update key change request" },
	{ 92, FACT_CONFIG, RISK_SECURITY, "s_ur_na update key change reply" },
	{ 93, FACT_CONFIG, RISK_SECURITY, "s_uk_na update key symmetric" },
	{ 94, FACT_CONFIG, RISK_SECURITY, "s_ua_na update key asymmetric" },
	{ 95, FACT_CONFIG, RISK_SECURITY, "s_uc_na update key confirmation" },
	{ 100, FACT_READ, RISK_NONE, "c_ic_na interrogation" },
	{ 101, FACT_READ, RISK_NONE, "c_ci_na counter interrogation" },
	{ 102, FACT_READ, RISK_NONE, "c_rd_na read" },
	{ 103, FACT_TIME, RISK_TIME, "c_cs_na clock synchronisation" },
	{ 104, FACT_DIAGNOSE, RISK_NONE, "c_ts_na test" },
	{ 105, FACT_CONTROL, RISK_RESET, "c_rp_na reset process" },
	{ 106, FACT_TIME, RISK_TIME, "c_cd_na delay acquisition" },
	{ 107, FACT_DIAGNOSE, RISK_NONE, "c_ts_ta test, cp56" },
	{ 110, FACT_CONFIG, RISK_CONFIGURATION,
	    "p_me_na parameter normalised" },
	{ 111, FACT_CONFIG, RISK_CONFIGURATION, "p_me_nb parameter scaled" },
	{ 112, FACT_CONFIG, RISK_CONFIGURATION, "p_me_nc parameter float" },
	{ 113, FACT_CONFIG, RISK_CONFIGURATION,
	    "p_ac_na parameter activation" },
	{ 120, FACT_FILE, RISK_NONE, "f_fr_na file ready" },
	{ 121, FACT_FILE, RISK_NONE, "f_sr_na section ready" },
	{ 122, FACT_FILE, RISK_NONE, "f_sc_na call directory, file, section" },
	{ 123, FACT_FILE, RISK_NONE, "f_ls_na last section, segment" },
	{ 124, FACT_FILE, RISK_NONE, "f_af_na file acknowledge" },
	{ 125, FACT_FILE, RISK_FILE, "f_sg_na segment" },
	{ 126, FACT_FILE, RISK_NONE, "f_dr_ta directory" },
	{ 127, FACT_FILE, RISK_NONE, "f_sc_nb query log" },
	{ OP_U | 0x07, FACT_SESSION, RISK_NONE, "startdt act" },
	{ OP_U | 0x0b, FACT_SESSION, RISK_NONE, "startdt con" },
	{ OP_U | 0x13, FACT_SESSION, RISK_MODE, "stopdt act" },
	{ OP_U | 0x23, FACT_SESSION, RISK_NONE, "stopdt con" },
	{ OP_U | 0x43, FACT_SESSION, RISK_NONE, "testfr act" },
	{ OP_U | 0x83, FACT_SESSION, RISK_NONE, "testfr con" },
#ifdef IEC_LINK_OPS
	IEC_LINK_OPS /* iec101.c has more: link functions, -103 */
#endif
};

static const char *const double_names[4] = { "intermediate", "off", "on",
	"indeterminate" };
static const char *const step_names[4] = { "not permitted", "lower", "higher",
	"not permitted" };
static const char *const pulse_names[4] = { "", ", short pulse", ", long pulse",
	", persistent" };
static const char *const init_names[3] = { "local power switch on",
	"local manual reset", "remote reset" };
static const char *const reset_names[3] = { "not used", "general reset",
	"reset of pending information" };
static const char *const freeze_names[4] = { "read", "freeze",
	"freeze with reset", "reset" };

#endif
